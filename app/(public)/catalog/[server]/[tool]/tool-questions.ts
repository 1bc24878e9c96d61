import { policyWith, type Recommendation } from "../../../../../policy/recommend.ts";
import type { ToolDetail } from "../../../../api/v1/catalog-schemas.ts";
import { aCategory, advice, canDo, severityWords } from "../../_parts/categories.ts";
import { dayOf } from "../../_parts/facts.tsx";
import { sourceLabel, sourceName } from "../../_parts/identity.ts";
import { type Said, say } from "../../_parts/say.tsx";
import { oneLine } from "./tool-words.ts";

/** `policy` is a document that the answer shows; it works when it is pasted. */
export type ToolQuestion = { ask: Said; answer: Said; policy?: { text: string; label: string } };

/** The six that are asked of every tool. */
export function toolQuestions(tool: ToolDetail, kind: Recommendation): ToolQuestion[] {
  const { name, category, severity, server } = tool;
  const title = { title: server.name };
  return [
    {
      ask: say`What does the ${name} tool do?`,
      answer: [
        ...lineOf(tool),
        ...say` It is ${{ title: aCategory[category] }} of ${title}, which means that it can ${{ title: canDo[category] }}. ${{ title: advice[category] }}`,
      ],
    },
    {
      ask: say`How do I enforce a policy on ${name}?`,
      answer: say`Register ${title} in PolicyLayer and add a rule for ${name}: allow, deny, limit, or ask a person. Point your MCP client at the gateway's URL, and the rule decides every call before it reaches ${title}. Nothing is installed beside the agent or the server.`,
    },
    {
      ask: say`What risk level is ${name}?`,
      answer: say`${name} is ${{ title: aCategory[category] }}: ${{ title: severityWords[severity].toLowerCase() }}. ${{ title: advice[category] }}`,
    },
    {
      ask: say`Can I rate-limit ${name}?`,
      answer: say`Yes${{ title: kind === "hide" ? ", though we recommend to hide it" : "" }}. Add a rate_limit to its rule: max 10 and window 60 allow ten calls in any 60 seconds. It is counted in each session of an agent and frees itself as the window moves on; a limit with scope grant counts all sessions of one token together.`,
      policy: { text: policyWith("rate_limit", name).text, label: "A rate limit" },
    },
    {
      ask: say`How do I block ${name} completely?`,
      answer: say`Set action to deny in its rule. The agent gets a refusal that it can read, with your reason in it, and the call never reaches the server. With hide instead of deny the agent does not even see the tool in the list.`,
      policy: { text: policyWith("deny", name).text, label: "A denial with a reason" },
    },
    {
      ask: say`Which MCP server provides ${name}?`,
      answer: [
        ...say`${name} belongs to ${title}. ${{ title: sourceLabel(server.sourceKind) }}: ${sourceName(server.source)}${{ title: server.version === null ? "" : `, version ${server.version}` }}, last seen on ${{ title: dayOf(server.seenAt) }}. `,
        ...say`PolicyLayer stands in front of that server as a gateway, so a policy is enforced before a call gets there.`,
      ],
    },
  ];
}

function lineOf(tool: ToolDetail): Said {
  const line = oneLine(tool);
  if ("quote" in line) return say`In the server's own words: “${{ title: line.quote }}”`;
  const last = line.said.at(-1);
  return typeof last === "string" && /[.!?]$/.test(last) ? line.said : [...line.said, "."];
}
