// What is sent: to a webhook, to Slack or whatever takes its messages, by e-mail. Never with arguments. Pure.
import type { ApprovalAnswer } from "../../api/v1/approval-schemas.ts";

export type Kind = "webhook" | "slack" | "email";
export type Subject = {
  deliveryId: string;
  event: string;
  at: string;
  organisation: { id: string; name: string };
  publicUrl: string;
  /** Null for a test. */
  approval: ApprovalAnswer | null;
};

/** JSON text: for e-mail `{ subject, text }`. */
export function payloadOf(kind: Kind, subject: Subject): string {
  return JSON.stringify(makers[kind](subject));
}

const makers: Record<Kind, (subject: Subject) => unknown> = { webhook, slack, email };

function webhook({ deliveryId, event, at, organisation, publicUrl, approval }: Subject) {
  return {
    // The same in every try: who has seen it may drop it.
    id: deliveryId,
    type: event,
    createdAt: at,
    organisation,
    approval: approval && {
      id: approval.id,
      url: urlOf(publicUrl, approval),
      status: approval.status,
      tool: approval.tool,
      category: approval.category,
      severity: approval.severity,
      server: { id: approval.serverId, name: approval.serverName },
      grant: { id: approval.grantId, label: approval.grantLabel },
      clientName: approval.clientName,
      message: approval.message,
      rule: approval.rule,
      argumentKeys: approval.argumentKeys,
      createdAt: approval.createdAt,
      expiresAt: approval.expiresAt,
      decidedAt: approval.decidedAt,
      decidedBy: approval.decidedBy,
      reason: approval.reason,
      scope: approval.scope,
      edited: approval.edited,
    },
  };
}

function slack({ organisation, publicUrl, approval }: Subject) {
  if (approval === null) {
    return { text: `PolicyLayer: this is a test for ${escaped(organisation.name)}. Approvals will appear here.` };
  }
  const url = urlOf(publicUrl, approval);
  const text = escaped(titleOf(approval));
  const by = [approval.serverName, approval.grantLabel, approval.clientName].flatMap((one) => one ?? []).map(escaped);
  const blocks = [
    { type: "section", text: { type: "mrkdwn", text: `*${text}*\n${escaped(approval.message).slice(0, 2_000)}` } },
    {
      type: "context",
      elements: [{ type: "mrkdwn", text: [`${approval.category}, ${approval.severity} risk`, ...by].join(" · ") }],
    },
    {
      type: "actions",
      elements: [
        { type: "button", text: { type: "plain_text", text: approval.status === "pending" ? "Decide" : "Look" }, url },
      ],
    },
  ];
  return { text: `${text}: ${url}`, blocks };
}

function email({ organisation, publicUrl, approval }: Subject) {
  if (approval === null) {
    return {
      subject: "PolicyLayer: a test",
      text: `This is a test for ${organisation.name}. Mail about approvals will come like this.\n`,
    };
  }
  const lines = [
    titleOf(approval),
    "",
    approval.message,
    "",
    `Tool:   ${approval.tool} (${approval.category}, ${approval.severity} risk)`,
    `Server: ${approval.serverName ?? approval.serverId}`,
    `Grant:  ${approval.grantLabel ?? approval.grantId}`,
    `Client: ${approval.clientName ?? "did not say"}`,
    ...(approval.status === "pending" ? [`Until:  ${approval.expiresAt}`] : []),
    ...(approval.reason ? [`Reason: ${approval.reason}`] : []),
    "",
    urlOf(publicUrl, approval),
    "",
  ];
  return { subject: titleOf(approval), text: lines.join("\n") };
}

function titleOf({ tool, status, decidedBy }: ApprovalAnswer): string {
  switch (status) {
    case "pending":
      return `${tool} waits for your approval`;
    case "expired":
    case "cancelled":
      return `${tool} waited for an approval, and nobody decided in time`;
    case "denied":
      return `${tool} was denied by ${decidedBy?.email ?? "somebody"}`;
    case "approved":
    case "used":
      return `${tool} was approved by ${decidedBy?.email ?? "somebody"}`;
  }
}

function urlOf(publicUrl: string, { id }: ApprovalAnswer): string {
  return `${publicUrl}/approvals/${id}`;
}

/** In what Slack reads, a name could be a mention of everybody. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
