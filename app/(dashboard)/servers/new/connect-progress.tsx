"use client";
import { useEffect, useState } from "react";
import { Spinner } from "@/components/ui/spinner.tsx";

/** What is going on while a server is connected to; only what is known is said. */
export function ConnectProgress({ transport }: { transport: "http" | "stdio" }) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((now) => now + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className="flex items-start gap-2.5 rounded-md border bg-canvas px-3 py-2.5 text-sm">
      <Spinner className="mt-0.5 text-accent" />
      <div className="min-w-0 flex-1">
        <p role="status" className="font-medium">
          {transport === "http" ? "Connecting and listing the tools…" : "Starting the command and listing its tools…"}
        </p>
        {seconds >= 5 && (
          <p className="text-ink-muted">
            {transport === "stdio"
              ? "The first start can take a while, for example when npx downloads the package."
              : "The server is slow to answer. It has up to a minute."}
          </p>
        )}
      </div>
      <span className="text-ink-muted text-xs tabular-nums">{seconds} s</span>
    </div>
  );
}
