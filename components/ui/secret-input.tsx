"use client";
import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, useState } from "react";
import { cn } from "./cn.ts";
import { Input } from "./input.tsx";

/** An input whose text is hidden until the person asks to see it. */
export function SecretInput({ className, ...props }: ComponentProps<typeof Input>) {
  const [shown, setShown] = useState(false);
  return (
    <div className="relative">
      <Input {...props} type={shown ? "text" : "password"} className={cn("pr-9", className)} />
      <button
        type="button"
        aria-pressed={shown}
        // Not the name of the field, which would then be the name of two things.
        aria-label={shown ? "Hide characters" : "Show characters"}
        title={shown ? "Hide" : "Show"}
        onClick={() => setShown(!shown)}
        className="absolute inset-y-0 right-0 grid w-9 place-items-center rounded-r-md text-ink-muted hover:text-ink focus-visible:outline-offset-[-2px]"
      >
        {shown ? <EyeOff aria-hidden="true" className="size-4" /> : <Eye aria-hidden="true" className="size-4" />}
      </button>
    </div>
  );
}
