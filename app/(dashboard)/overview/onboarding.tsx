import { ArrowRight, Check } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button.tsx";
import { Card } from "@/components/ui/card.tsx";
import { cn } from "@/components/ui/cn.ts";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { Spinner } from "@/components/ui/spinner.tsx";
import type { Step, StepId } from "./steps.ts";

const words: Record<StepId, { title: string; about: string; action: string }> = {
  register: {
    title: "Register a server",
    about: "By its URL, or by the command that starts it. Its tools are listed and sorted by what they can do.",
    action: "Register a server",
  },
  policy: {
    title: "Write a policy",
    about: "For each tool: allow, limit, approve, deny or hide. Start from a template, or paste one you found.",
    action: "Write a policy",
  },
  grant: {
    title: "Make a grant",
    about: "A token for one agent, bound to the server and the policy. You see it once.",
    action: "Make a grant",
  },
  connect: {
    title: "Connect your client",
    about: "Put the gateway URL into Claude, Cursor or another client and let it call a tool.",
    action: "Watch the calls",
  },
};

/** The four steps with their state. The last one finishes by itself when the first call is on record. */
export function Onboarding({
  steps,
  gatewayUrl,
}: {
  steps: readonly Step[];
  /** Of a server that an agent could connect to. */
  gatewayUrl: string | null;
}) {
  const done = steps.filter((step) => step.state === "done").length;
  return (
    <Card>
      <div className="flex items-center gap-3 px-4 pt-4 pb-3">
        <h2 className="font-semibold text-base">Setup</h2>
        <span className="text-ink-muted text-sm tabular-nums">
          {done} of {steps.length} done
        </span>
        <div aria-hidden="true" className="ml-auto flex w-28 gap-1">
          {steps.map((step) => (
            <span
              key={step.id}
              className={cn("h-1.5 flex-1 rounded-full bg-line", step.state === "done" && "bg-accent")}
            />
          ))}
        </div>
      </div>
      <ol aria-label="Setup steps" className="divide-y border-t">
        {steps.map((step, index) => (
          <StepRow key={step.id} step={step} number={index + 1} gatewayUrl={gatewayUrl} />
        ))}
      </ol>
    </Card>
  );
}

function StepRow({ step, number, gatewayUrl }: { step: Step; number: number; gatewayUrl: string | null }) {
  const { title, about, action } = words[step.id];
  const isNext = step.state === "next";
  return (
    <li
      aria-current={isNext ? "step" : undefined}
      className={cn("flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-3.5", isNext && "bg-accent-soft/50")}
    >
      <span
        className={cn(
          "grid size-7 shrink-0 place-items-center rounded-full border font-semibold text-ink-muted text-sm tabular-nums",
          step.state === "done" && "border-accent bg-accent text-accent-ink",
          isNext && "border-accent bg-surface text-accent",
        )}
      >
        {step.state === "done" ? <Check aria-hidden="true" className="size-4" /> : number}
      </span>
      <div className="min-w-0 flex-1 basis-56">
        <h3 className={cn("font-medium", step.state === "later" && "text-ink-muted")}>
          {title}
          {step.state === "done" && <span className="sr-only"> (done)</span>}
        </h3>
        <p className="max-w-xl text-pretty text-ink-muted text-sm">{about}</p>
        {isNext && step.id === "connect" && gatewayUrl && (
          <>
            <p className="mt-2 flex w-fit max-w-full items-center gap-2 rounded-md border bg-surface py-0.5 pr-1 pl-2.5">
              <code className="min-w-0 break-all font-mono text-xs">{gatewayUrl}</code>
              <CopyButton text={gatewayUrl} label="Copy the gateway URL" iconOnly />
            </p>
            <p className="mt-1 text-ink-muted text-xs">
              The token goes with it. If you do not have it any more,{" "}
              <Link href="/grants" className="text-accent underline underline-offset-4">
                rotate it
              </Link>
              .
            </p>
          </>
        )}
      </div>
      {isNext && step.id === "connect" && (
        <span role="status" className="flex items-center gap-2 text-ink-muted text-sm">
          <Spinner />
          Waiting for the first call
        </span>
      )}
      {step.state !== "later" && (
        <Button asChild variant={isNext ? "primary" : "ghost"} size={isNext ? "md" : "sm"}>
          <Link href={step.href}>
            {isNext ? action : "Add another"}
            {isNext && <ArrowRight aria-hidden="true" />}
          </Link>
        </Button>
      )}
    </li>
  );
}
