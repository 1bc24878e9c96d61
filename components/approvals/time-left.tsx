"use client";
import { useEffect, useState } from "react";
import { cn } from "../ui/cn.ts";
import { timeLeftWords } from "./time-left-words.ts";

/** How long something can still be decided, second by second. */
export function TimeLeft({ until, className }: { until: string; className?: string }) {
  const left = useSecondsLeft(until);
  return (
    <time
      dateTime={until}
      title={new Date(until).toLocaleString()}
      suppressHydrationWarning
      className={cn("whitespace-nowrap tabular-nums", left <= 30 && "font-medium text-danger", className)}
    >
      {timeLeftWords(left)}
    </time>
  );
}

/** Whole seconds; 0 once it is over. */
export function useSecondsLeft(until: string | null): number {
  const end = until === null ? 0 : Date.parse(until);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (end <= Date.now()) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [end]);
  return Math.max(0, Math.ceil((end - now) / 1_000));
}
