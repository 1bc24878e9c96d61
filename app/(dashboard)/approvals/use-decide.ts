"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send, type Trouble } from "@/app/_client/api.ts";
import type { ApprovalPages } from "@/app/_client/approvals.ts";
import type { ApprovalAnswer, ApprovalDetail } from "@/app/api/v1/approval-schemas.ts";
import { toast } from "@/components/ui/toaster.tsx";

export type DecisionBody = {
  decision: "approve" | "deny";
  reason?: string;
  arguments?: string;
  scope?: "session";
  minutes?: number;
};

/** Somebody or something was quicker: what became of the approval. */
export type Overtaken = { detail: string; approval: ApprovalAnswer | null };

export type Deciding = {
  pending: boolean;
  overtaken: Overtaken | null;
  /** @returns null when it is decided, else what was the matter. */
  decide(body: DecisionBody): Promise<Trouble | null>;
};

/** Decides one approval. What was asked for is shown at once, and taken back when it did not happen. */
export function useDecide(approval: Pick<ApprovalAnswer, "id" | "tool">): Deciding {
  const client = useQueryClient();
  const [pending, setPending] = useState(false);
  const [overtaken, setOvertaken] = useState<Overtaken | null>(null);
  const { id, tool } = approval;

  function show(change: Partial<ApprovalAnswer>): void {
    client.setQueryData<ApprovalDetail>(["approvals", "one", id], (old) => old && { ...old, ...change });
    client.setQueryData<ApprovalPages>(
      ["approvals", "list", "pending"],
      (old) =>
        old && {
          ...old,
          pages: old.pages.map((page) => ({
            ...page,
            items: page.items.map((item) => (item.id === id ? { ...item, ...change } : item)),
          })),
        },
    );
  }

  async function decide(body: DecisionBody): Promise<Trouble | null> {
    if (pending) return null;
    setPending(true);
    setOvertaken(null);
    await client.cancelQueries({ queryKey: ["approvals"] });
    show({ status: body.decision === "approve" ? "approved" : "denied" });
    const answer = await send<ApprovalAnswer>("POST", `/approvals/${id}`, body);
    setPending(false);
    if (answer.ok) {
      show(answer.value);
      toast.success(body.decision === "approve" ? `${tool} is approved` : `${tool} is denied`);
    } else {
      const theirs = (answer.trouble.more.approval as ApprovalAnswer | undefined) ?? null;
      show(theirs ?? { status: "pending" });
      if (answer.trouble.status === 409) setOvertaken({ detail: answer.trouble.detail, approval: theirs });
      else toast.error("That did not work", { description: answer.trouble.detail });
    }
    void client.invalidateQueries({ queryKey: ["approvals"] });
    return answer.ok ? null : answer.trouble;
  }

  return { pending, overtaken, decide };
}
