"use client";
import { ClipboardCheck, Download } from "lucide-react";
import { useState } from "react";
import { troubleIn } from "@/app/_client/api.ts";
import { useRecordedCall } from "@/app/_client/call-queries.ts";
import type { CallAnswer } from "@/app/api/v1/schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { CodeBlock } from "@/components/ui/code-block.tsx";
import { Dialog, DialogContent } from "@/components/ui/dialog.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";

/** The call as a line of the file that `policylayer test` reads. */
export function TestDialog({ call }: { call: CallAnswer }) {
  const [open, setOpen] = useState(false);
  const recorded = useRecordedCall(open ? call.id : null);
  const test = recorded.data ?? null;
  const text = test ? `${JSON.stringify([test.expectation], null, 2)}\n` : "";
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <ClipboardCheck aria-hidden="true" />
        Make this a policy test
      </Button>
      <Dialog open={open} onOpenChange={setOpen}>
        <DialogContent
          title="As a policy test"
          description="Put it beside your policy as policy.test.json; npx policylayer test policy.json then holds the policy to this answer."
          footer={
            test && (
              <Button asChild>
                <a href={`data:application/json;charset=utf-8,${encodeURIComponent(text)}`} download="policy.test.json">
                  <Download aria-hidden="true" />
                  Download
                </a>
              </Button>
            )
          }
        >
          {recorded.isError && (
            <Callout tone="danger" role="alert">
              {troubleIn(recorded.error).detail}
            </Callout>
          )}
          {recorded.isPending && <SkeletonRows label="Reading the recorded values" rows={4} />}
          {test && (
            <div className="grid gap-3">
              {!test.complete && (
                <Callout tone="warn" title="Not all that decided is on record">
                  Fill in what is null before you rely on it.
                </Callout>
              )}
              {test.missing.length > 0 && (
                <p className="text-ink-muted text-sm">
                  Not recorded, because no policy asks about it:{" "}
                  <span className="font-mono text-xs">{test.missing.join(", ")}</span>
                </p>
              )}
              {call.code === "rate_limited" && (
                <p className="text-ink-muted text-sm">
                  It was refused because of the calls before it: add those, or a “repeat”, so that the limit is full in
                  the test too.
                </p>
              )}
              <CodeBlock label="policy.test.json" text={text} className="[&_pre]:max-h-80" />
              <p className="text-ink-muted text-xs">That you read these values is on the audit log.</p>
            </div>
          )}
        </DialogContent>
      </Dialog>
    </>
  );
}
