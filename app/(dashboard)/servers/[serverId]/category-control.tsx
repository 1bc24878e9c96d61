"use client";
import { useQueryClient } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { useId, useState } from "react";
import { send } from "@/app/_client/api.ts";
import { reloadAll, useMe } from "@/app/_client/queries.ts";
import type { ToolAnswer } from "@/app/api/v1/schemas.ts";
import { isLowered } from "@/catalog/override.ts";
import { type RiskCategory, riskCategories, severityOf } from "@/catalog/schema.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { Select } from "@/components/ui/select.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { toast } from "@/components/ui/toaster.tsx";

type Tool = Pick<ToolAnswer, "name" | "category" | "classified" | "override" | "definitionHash">;

/** Says in a row that the category is the owner's own, and when it makes the tool look less dangerous than it was found. */
export function OwnCategoryBadge({ tool: { category, classified, override } }: { tool: Tool }) {
  if (override === null) return null;
  if (override.fallen) {
    return (
      <Badge tone="warn" title={`It was ${override.category} by your word, for another definition than this one`}>
        your category fell
      </Badge>
    );
  }
  const lowered = isLowered(classified.category, category);
  return (
    <Badge tone={lowered ? "warn" : "accent"} title={`Your own category; the classifier says ${classified.category}`}>
      {lowered ? `yours, was ${classified.category}` : "yours"}
    </Badge>
  );
}

/** Shows whose category it is and lets those who write policies change it. */
export function CategoryControl({ serverId, tool }: { serverId: string; tool: Tool }) {
  const client = useQueryClient();
  const role = useMe().data?.role;
  const id = useId();
  const [asking, setAsking] = useState<RiskCategory | null>(null);
  const [pending, setPending] = useState(false);
  const { name, category, classified, override, definitionHash } = tool;
  const mayChange = role === "admin" || role === "policy_manager";

  async function change(wanted: RiskCategory | null): Promise<string | null> {
    setPending(true);
    const body = { name, definitionHash, category: wanted };
    const answer = await send("PATCH", `/servers/${serverId}/tools/override`, body);
    await reloadAll(client);
    setPending(false);
    if (!answer.ok) return answer.trouble.detail;
    toast.success(wanted === null ? "The classifier’s category counts again" : `${name} counts as ${wanted} now`);
    return null;
  }

  async function changeNow(wanted: RiskCategory | null): Promise<void> {
    const trouble = await change(wanted);
    if (trouble !== null) toast.error("That did not work", { description: trouble });
  }

  function choose(value: string): void {
    const wanted = riskCategories.find((each) => each === value);
    if (wanted === undefined || wanted === category) return;
    const isDangerous = severityOf[classified.category] === "critical" || severityOf[classified.category] === "high";
    if (isDangerous && isLowered(classified.category, wanted)) setAsking(wanted);
    else void changeNow(wanted);
  }

  return (
    <section aria-labelledby={id} className="grid gap-1.5">
      <h2 id={id} className="font-medium text-sm">
        Category
      </h2>
      <p className="text-ink-muted text-sm">{words(tool)}</p>
      {mayChange ? (
        <div className="flex flex-wrap items-center gap-2">
          <Select
            aria-label={`Category of ${name}`}
            className="w-44"
            disabled={pending}
            value={category}
            onValueChange={choose}
            options={riskCategories.map((each) => ({
              value: each,
              label: each,
              ...(each === classified.category ? { hint: "classified" } : {}),
            }))}
          />
          {override !== null && (
            <Button variant="ghost" loading={pending} onClick={() => void changeNow(null)}>
              {!pending && <RotateCcw aria-hidden="true" />}
              {override.fallen ? "Forget yours" : "Use the classifier’s"}
            </Button>
          )}
          {override !== null && <Since override={override} />}
        </div>
      ) : (
        <p className="text-ink-muted text-xs">Admins and policy managers may change it.</p>
      )}
      <ConfirmDialog
        open={asking !== null}
        onOpenChange={(open) => !open && setAsking(null)}
        title={`Treat ${name} as ${asking}?`}
        confirmLabel={`Treat it as ${asking}`}
        onConfirm={() => change(asking)}
      >
        <div className="grid gap-3">
          <p>
            The classifier found it to be {classified.category}, {classified.severity} risk. From the next call on,
            every policy with a rule for {asking} tools applies to it, for every grant of this server.
          </p>
          <Callout tone="warn">
            It stays marked as lowered, and falls by itself when the server changes the definition.
          </Callout>
        </div>
      </ConfirmDialog>
    </section>
  );
}

function Since({ override }: { override: NonNullable<Tool["override"]> }) {
  return (
    <span className="text-ink-muted text-xs">
      set <TimeAgo at={override.at} />
    </span>
  );
}

function words({ category, classified, override }: Tool): string {
  if (override === null) return `${category}, as classified. Rules for a category apply to it by this.`;
  if (override.fallen) {
    return `${category}, as classified. You had said ${override.category}, of another definition: look at this one and say it again if it still holds.`;
  }
  if (category !== override.category) {
    return `${category}, as classified: you said ${override.category}, but the server serves another definition now. Review the change.`;
  }
  if (override.category === classified.category) return `${category}: you and the classifier agree.`;
  return `${category}, by your word, for this definition only. The classifier says ${classified.category}, ${classified.severity} risk.`;
}
