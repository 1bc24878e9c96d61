// Carries a plan out, by the same calls that the editor and the pages make. Whatever fails, nothing that was there is lost.
import type { Answer, send as sendRequest, Trouble } from "@/app/_client/api.ts";
import type { PolicyVersion } from "@/app/_client/queries.ts";
import type { PolicyAnswer } from "@/app/api/v1/schemas.ts";
import type { Plan } from "./plan.ts";

type Send = typeof sendRequest;
type Gateways = { live: number; of: number };

export type Applied = {
  policyId: string;
  /** Null: the policy said this already. */
  version: number | null;
  gateways: Gateways | null;
  attached: number;
};

export type Outcome =
  | { ok: true; applied: Applied }
  /** `applied`: how far it came. Trying again goes on from there. */
  | { ok: false; detail: string; applied: Applied | null };

/** Never rejects. @param onStep Says what is being done, for people. */
export async function carryOut(plan: Plan, send: Send, onStep: (step: string) => void): Promise<Outcome> {
  onStep(plan.target.kind === "new" ? "Making the policy" : "Publishing the version");
  const published =
    plan.target.kind === "new" ? await make(plan, send) : await update(plan, plan.target.policyId, send);
  if (!published.ok) return { ok: false, detail: published.detail, applied: null };
  const applied = { ...published.value, attached: 0 };
  for (const { id, label } of plan.grants) {
    onStep(`Giving it to ${label}`);
    const attached = await send("PATCH", `/grants/${id}`, { policyId: applied.policyId });
    if (!attached.ok) return { ok: false, detail: `${label}: ${attached.trouble.detail}`, applied };
    applied.attached += 1;
  }
  return { ok: true, applied };
}

type Step<T> = { ok: true; value: T } | { ok: false; detail: string };

async function make({ serverId, target, text, shadow }: Plan, send: Send): Promise<Step<Omit<Applied, "attached">>> {
  const body = { name: target.name, document: text, mode: shadow ? "shadow" : "enforce" };
  const made = await send<{ id: string; version: number }>("POST", `/servers/${serverId}/policies`, body);
  if (!made.ok) return refused(made.trouble);
  return { ok: true, value: { policyId: made.value.id, version: made.value.version, gateways: null } };
}

async function update({ text, shadow }: Plan, policyId: string, send: Send): Promise<Step<Omit<Applied, "attached">>> {
  const read = await send<PolicyAnswer>("GET", `/policies/${policyId}`);
  if (!read.ok) return refused(read.trouble);
  const policy = read.value;
  if (policy.document === text) return { ok: true, value: { policyId, version: null, gateways: null } };
  const kept = await isKept(policy, text, send);
  if (!kept.ok) return refused(kept.trouble);
  if (!kept.value) {
    return { ok: false, detail: "Its draft has changes that were never published. Publish or discard them first." };
  }

  const path = `/policies/${policyId}`;
  const saved = await send<{ revision: number }>("PUT", `${path}/draft`, {
    document: text,
    seenRevision: policy.draftRevision,
  });
  if (!saved.ok) return refused(saved.trouble);
  const seenRevision = saved.value.revision;
  const note = "The recommended policy, applied from the stack";
  const published = await send<{ version: number; gateways: Gateways }>("POST", `${path}/versions`, {
    seenRevision,
    note,
    ...(shadow ? { shadow } : {}),
  });
  if (published.ok) return { ok: true, value: { policyId, ...published.value } };
  // As it was: a draft that nobody wrote should not wait to be published. When it moved on meanwhile, it is somebody's.
  await send("PUT", `${path}/draft`, { document: policy.draft, seenRevision });
  return refused(published.trouble);
}

/** Whether the draft's text stays on record when another takes its place. */
async function isKept({ id, draft, document }: PolicyAnswer, text: string, send: Send): Promise<Answer<boolean>> {
  if (draft === document || draft === text) return { ok: true, value: true };
  const versions = await send<{ items: PolicyVersion[] }>("GET", `/policies/${id}/versions`);
  return versions.ok ? { ok: true, value: versions.value.items.some((one) => one.document === draft) } : versions;
}

function refused({ detail }: Trouble): { ok: false; detail: string } {
  return { ok: false, detail };
}
