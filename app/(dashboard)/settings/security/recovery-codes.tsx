"use client";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";

/** Shown this once. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  return (
    <div className="grid gap-4 pb-2">
      <ul
        aria-label="Recovery codes"
        className="grid gap-x-6 gap-y-1 rounded-md border bg-canvas px-3 py-2 sm:grid-cols-2"
      >
        {codes.map((code) => (
          <li key={code} className="font-mono text-xs">
            {code}
          </li>
        ))}
      </ul>
      <Callout tone="warn">They are not kept as they are and cannot be shown again.</Callout>
      <div className="flex justify-end gap-2">
        <CopyButton text={codes.join("\n")} label="Copy codes" size="md" />
        <Button variant="primary" onClick={onDone}>
          I have kept them
        </Button>
      </div>
    </div>
  );
}
