// A call on record, decided again by the version that decided it, and as a test of a policy. Arguments are rebuilt from the values
// that were recorded; what was not recorded is said, never guessed.
import type { RiskCategory } from "../../catalog/schema.ts";
import { decidedCodes } from "../../policy/backtest.ts";
import { evaluate } from "../../policy/evaluate.ts";
import { type ArgumentNeed, argumentNeeds } from "../../policy/mentioned.ts";
import { type ParsedPolicy, parsePolicy } from "../../policy/parse.ts";
import { rebuildArguments } from "../../policy/rebuild.ts";
import type { RecordedArguments, RecordedValue } from "../../policy/recorded.ts";
import { openCallArguments } from "../../prisma/call-arguments.ts";
import { database } from "../../prisma/client.ts";
import type { CallTest, Retraced } from "../api/v1/call-schemas.ts";
import type { CallAnswer } from "../api/v1/schemas.ts";
import { audit } from "./audit.ts";
import { secretKeys } from "./environment.ts";
import type { Member } from "./member.ts";
import { type Refusal, refuse } from "./refusals.ts";
import { changedTools, judge, judgedColumns } from "./tools.ts";

type Read = Extract<ParsedPolicy, { ok: true }>["policy"];

/** @param document The text of the version; null when there was none, or it is gone. */
export async function retrace(organisationId: string, call: CallAnswer, document: string | null): Promise<Retraced> {
  const unknown = (why: string): Retraced => ({ known: false, why });
  if (call.tool === null) return unknown("The call named no tool.");
  if (!decidedCodes.has(call.code)) return unknown("No policy decided this call, so there is nothing to ask again.");
  if (document === null) return unknown("The version that decided is not there any more.");
  const parsed = parsePolicy(document);
  if (!parsed.ok) return unknown("The version that decided cannot be read by this version of PolicyLayer.");

  const { category, label, recorded } = await factsOf(organisationId, call);
  const rebuilt = rebuildArguments(
    recorded,
    call.argumentKeys,
    argumentNeeds(parsed.policy, call.tool, category ?? "Other"),
  );
  if (!rebuilt.known) {
    return unknown("The values of the arguments that decided are not on record, so the version cannot be asked again.");
  }
  const decision = evaluate(
    parsed.policy,
    { ...toolCallOf(organisationId, call, category ?? "Other", label ?? ""), arguments: rebuilt.arguments },
    { frozen: false, definitionChanged: false },
    { trace: true },
  );
  const trace = decision.trace ?? [];
  const notAsked = ["Freezes and changed definitions are as if there had been none."];
  if (trace.some(({ outcome }) => outcome === "reserves")) {
    notAsked.push("How much room the limits had then is not on record: the call is decided as if they had enough.");
  }
  if (category === null) notAsked.push("The server does not list the tool any more, so its category is not known.");
  else notAsked.push("The tool's category is that of today.");
  if (label === null) notAsked.push("The grant's label is not known any more.");
  return { known: true, code: decision.code, rule: decision.rule, message: decision.message, trace, notAsked };
}

/**
 * The call as `policylayer test` reads it. The values of arguments leave the record here, so it is for those who write policies, and
 * it is written down who asked.
 */
export async function callAsTest(member: Member, callId: string): Promise<CallTest | Refusal> {
  const organisationId = member.organisation.id;
  const row = await database().call.findFirst({ where: { id: callId, organisationId } });
  if (row === null || row.tool === null) return refuse("not_found");
  const call: CallAnswer = { ...row, at: row.at.toISOString() };
  const { category, label, recorded } = await factsOf(organisationId, call, row.sealedArguments);
  const policy = await policyOf(organisationId, call);
  const needs: ArgumentNeed[] = policy === null ? [] : argumentNeeds(policy, row.tool, category ?? "Other");
  const { known } = rebuildArguments(recorded, call.argumentKeys, needs);
  const values = new Map(recorded?.values);
  const missing: string[] = [];
  const entries = call.argumentKeys.map((name) => [name, plain(values.get(name), name, missing)] as const);
  if (recorded !== null) {
    await database().$transaction((tx) =>
      audit(tx, member, { action: "call.values_read", target: { kind: "call", id: callId, name: row.tool } }),
    );
  }
  return {
    complete: known && policy !== null,
    missing,
    expectation: {
      name: `${row.tool} at ${call.at}`,
      tool: row.tool,
      category: category ?? "Other",
      arguments: Object.fromEntries(entries),
      at: call.at,
      grant: label ?? "unknown",
      ...(row.clientName === null ? {} : { client: row.clientName }),
      ...(row.sessionId === null ? {} : { session: row.sessionId }),
      expect: row.rule.startsWith("/") ? { code: row.code, rule: row.rule } : row.code,
    },
  };
}

/** What is known of the circumstances of a call: of today where the record does not say. */
async function factsOf(organisationId: string, call: CallAnswer, sealed?: string | null) {
  const db = database();
  const [tool, changed, grant, row] = await Promise.all([
    db.tool.findFirst({
      where: { serverId: call.serverId, name: call.tool ?? "", server: { organisationId } },
      select: judgedColumns,
    }),
    changedTools(call.serverId),
    call.grantId === null ? null : db.grant.findFirst({ where: { id: call.grantId, organisationId } }),
    sealed === undefined
      ? db.call.findFirst({ where: { id: call.id, organisationId }, select: { sealedArguments: true } })
      : { sealedArguments: sealed },
  ]);
  const text = row?.sealedArguments ?? null;
  const recorded: RecordedArguments | null = text === null ? null : openCallArguments(secretKeys(), text, call.id);
  const category: RiskCategory | null = tool === null ? null : judge(tool, changed).category;
  return { category, label: grant?.label ?? null, recorded };
}

async function policyOf(organisationId: string, { policyId, policyVersion }: CallAnswer): Promise<Read | null> {
  if (policyId === null || policyVersion === null) return null;
  const row = await database().policyVersion.findFirst({
    where: { policyId, version: policyVersion, policy: { organisationId } },
    select: { document: true },
  });
  const parsed = row === null ? null : parsePolicy(row.document);
  return parsed?.ok ? parsed.policy : null;
}

function toolCallOf(organisationId: string, call: CallAnswer, category: RiskCategory, label: string) {
  return {
    tool: call.tool ?? "",
    category,
    grant: { id: call.grantId ?? "", label },
    client: call.clientName === null ? {} : { name: call.clientName },
    session: call.sessionId === null ? {} : { id: call.sessionId },
    server: { id: call.serverId },
    organisation: { id: organisationId },
    now: Date.parse(call.at),
  };
}

/** As JSON has it; null, and named, where the record does not say. */
function plain(recorded: RecordedValue | undefined, at: string, missing: string[]): unknown {
  if (recorded === undefined) {
    missing.push(at);
    return null;
  }
  if ("value" in recorded) return recorded.value;
  if ("fields" in recorded) {
    return Object.fromEntries(recorded.fields.map(([name, value]) => [name, plain(value, `${at}.${name}`, missing)]));
  }
  if ("items" in recorded) return recorded.items.map((item, index) => plain(item, `${at}[${index}]`, missing));
  missing.push(at);
  return null;
}
