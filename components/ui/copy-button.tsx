"use client";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, type ButtonProps } from "./button.tsx";

/** Puts `text` on the clipboard and says so, in the button and to screen readers. */
export function CopyButton({
  text,
  label = "Copy",
  iconOnly,
  ...props
}: Omit<ButtonProps, "children"> & { text: string; label?: string; iconOnly?: boolean }) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");

  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 2_000);
    return () => clearTimeout(timer);
  }, [state]);

  async function copy() {
    setState((await writeClipboard(text)) ? "copied" : "failed");
  }

  const said = { idle: label, copied: "Copied", failed: "Select and copy by hand" }[state];
  return (
    <>
      <Button
        size={iconOnly ? "iconSm" : "sm"}
        variant={iconOnly ? "ghost" : "outline"}
        {...props}
        aria-label={iconOnly ? label : undefined}
        title={iconOnly ? said : undefined}
        onClick={() => void copy()}
      >
        {state === "copied" ? <Check aria-hidden="true" className="text-ok" /> : <Copy aria-hidden="true" />}
        {!iconOnly && said}
      </Button>
      <span aria-live="polite" className="sr-only">
        {state === "idle" ? "" : said}
      </span>
    </>
  );
}

async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages on plain http (not loopback) have no clipboard API; the old command still works there.
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    (document.activeElement?.parentElement ?? document.body).append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}
