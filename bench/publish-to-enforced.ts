// How long after "Publish" the next call is decided by the new rules, over 100 edits, against a running `npm start`.
// npx tsx bench/publish-to-enforced.ts [edits]; WEB=http://127.0.0.1:3000 and API_KEY=pla_… of an admin who may start
// commands, or none to sign up as the first organisation of an empty installation.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectLegacy } from "../e2e/harness/clients.ts";
import { addGrant, addPolicy, must, registerTmuxClaude, signUp } from "../e2e/harness/management.ts";

const web = process.env.WEB ?? "http://127.0.0.1:3000";
const edits = Number(process.argv[2] ?? 100);

const apiKey = process.env.API_KEY ?? (await signUp(web)).apiKey;
const record = join(await mkdtemp(join(tmpdir(), "policylayer-bench-")), "arrived.jsonl");
const server = await registerTmuxClaude(web, apiKey, record);
const policyId = await addPolicy(web, apiKey, server.id, documentOf("deny"));
const grant = await addGrant(web, apiKey, server.id, policyId);
const client = await connectLegacy(grant.gatewayUrl, grant.token);

/** From sending the publish request until a call got the new answer. */
const enforcedMs: number[] = [];
/** What the publish answer itself says: from the transaction until every gateway acknowledged. */
const acknowledgedMs: number[] = [];
let afterAnswerByOldRules = 0;
let allowed = false;
let revision = 1;

for (let edit = 0; edit < edits; edit++) {
  allowed = !allowed;
  const draft = await must<{ revision: number }>(200, web, apiKey, "PUT", `/policies/${policyId}/draft`, {
    document: documentOf(allowed ? "allow" : "deny"),
    seenRevision: revision,
  });
  revision = draft.revision;
  const from = performance.now();
  let published = false;
  const publishing = must<{ gateways: { ms: number } }>(201, web, apiKey, "POST", `/policies/${policyId}/versions`, {
    seenRevision: revision,
  }).then((answer) => {
    published = true;
    acknowledgedMs.push(answer.gateways.ms);
  });
  for (;;) {
    const sentAfterAnswer = published;
    const answer = await client.call("vm_list");
    if (!answer.isError === allowed) break;
    if (sentAfterAnswer) afterAnswerByOldRules++;
  }
  enforcedMs.push(performance.now() - from);
  await publishing;
}
await client.close();

console.log(`publish to enforced, ${edits} edits, one session kept open, no reconnect`);
console.log(`  request sent → first call under the new rules: ${summary(enforcedMs)}`);
console.log(`  committed → all gateways acknowledged (as the dashboard shows it): ${summary(acknowledgedMs)}`);
console.log(`  calls sent after the publish answer that were still decided by the old rules: ${afterAnswerByOldRules}`);
process.exitCode = afterAnswerByOldRules === 0 ? 0 : 1;

function documentOf(action: "allow" | "deny"): unknown {
  return { version: "1", default: "deny", tools: { vm_list: { action } } };
}

function summary(values: number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1);
  return `median ${at(0.5)} ms, p99 ${at(0.99)} ms, min ${at(0)} ms, max ${at(1)} ms`;
}
