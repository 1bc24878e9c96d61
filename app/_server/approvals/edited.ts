// Arguments that an approver writes in the place of the caller's: read as strictly as the caller's, and decided by the version
// of the policy that the approval is bound to.
import { findNodeAtLocation, parseTree } from "jsonc-parser";
import { argumentProblems } from "../../../policy/argument-problems.ts";
import { type Decision, evaluate } from "../../../policy/evaluate.ts";
import { parsePolicy } from "../../../policy/parse.ts";
import { argumentsDigest } from "../../../prisma/approval-arguments.ts";
import { database } from "../../../prisma/client.ts";
import type { PreviewAnswer } from "../../api/v1/approval-schemas.ts";
import { exactMember, type JsonBody, parseStrictly } from "../json-body.ts";
import type { Member } from "../member.ts";
import { Refusal, refuse } from "../refusals.ts";
import { afterLimits } from "../simulate.ts";
import { changedTools, readDefinition, toolView } from "../tools.ts";
import { restoreHidden } from "./mask.ts";
import type { ApprovalRow } from "./view.ts";

export type Edited = { text: string; digest: string; decision: Decision; problems: PreviewAnswer["problems"] };

/** @param original The caller's arguments as they came. */
export async function readEdited(
  member: Member,
  row: ApprovalRow,
  original: string,
  body: { arguments?: unknown },
  json: JsonBody,
): Promise<Edited | Refusal> {
  const given = typeof body.arguments === "string" ? body.arguments : memberText(json);
  const read = parseStrictly(Buffer.from(given));
  if (read instanceof Refusal) return invalid(read.more.errors?.[0]?.message ?? read.more.detail ?? "is not JSON");
  if (typeof read.value !== "object" || read.value === null || Array.isArray(read.value)) {
    return invalid("must be a JSON object");
  }
  const restored = restoreHidden(given, original);
  if (!restored.ok) {
    return invalid("holds a hidden value that was moved or changed; reveal it first", restored.pointers);
  }
  const { text } = restored;
  let digest: string;
  try {
    digest = argumentsDigest(text);
  } catch {
    return invalid("can be read in more than one way");
  }
  const args = exactMember({ value: null, text: `{"arguments":${text}}` }, "arguments");
  const decided = await decideAgain(member, row, args);
  return decided instanceof Refusal ? decided : { text, digest, ...decided };
}

function memberText(json: JsonBody): string {
  const root = parseTree(json.text);
  const node = root && findNodeAtLocation(root, ["arguments"]);
  return node ? json.text.slice(node.offset, node.offset + node.length) : "";
}

function invalid(message: string, pointers: readonly string[] = [""]): Refusal {
  return refuse("invalid_body", { errors: pointers.map((pointer) => ({ pointer: `/arguments${pointer}`, message })) });
}

async function decideAgain(
  { organisation }: Member,
  row: ApprovalRow,
  args: unknown,
): Promise<Pick<Edited, "decision" | "problems"> | Refusal> {
  const db = database();
  const { serverId, policyId, policyVersion, tool: name } = row;
  const [server, grant, version] = await Promise.all([
    db.server.findFirst({
      where: { id: serverId, organisationId: organisation.id },
      include: { tools: { where: { name } } },
    }),
    db.grant.findFirst({ where: { id: row.grantId, organisationId: organisation.id } }),
    db.policyVersion.findFirst({
      where: { policyId, version: policyVersion, policy: { organisationId: organisation.id } },
    }),
  ]);
  if (!server || !grant || !version || grant.revokedAt) return refuse("approval_expired", { detail: gone });
  const parsed = parsePolicy(version.document);
  if (!parsed.ok) return refuse("approval_expired", { detail: gone });
  const found = server.tools.find(({ state }) => state !== "gone");
  const tool = found && toolView(found, await changedTools(serverId));
  const now = Date.now();
  const decision = evaluate(
    parsed.policy,
    {
      tool: name,
      category: tool?.category ?? "Other",
      arguments: args,
      grant: { id: grant.id, label: grant.label },
      client: row.clientName === null ? {} : { name: row.clientName },
      session: row.sessionTag === null ? {} : { id: row.sessionTag },
      server: { id: serverId },
      organisation: { id: organisation.id },
      now,
    },
    { frozen: organisation.frozen || server.frozenAt !== null || grant.frozenAt !== null, definitionChanged: false },
  );
  const inputSchema = found && readDefinition(found.definition).inputSchema;
  return { decision: afterLimits(decision, now), problems: argumentProblems(inputSchema, args) };
}

const gone = "The grant, the server or the policy that it was asked under is not there any more.";

/** A person is asked already, so that one has to be is no reason against it. */
export function mayGoOn({ code }: Decision): boolean {
  return code === "allowed" || code === "approval_required";
}
