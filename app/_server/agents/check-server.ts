import * as z from "zod";
import { riskCategories } from "../../../catalog/schema.ts";
import type { ServerDetail } from "../../api/v1/catalog-schemas.ts";
import { type AgentTool, Trouble } from "./agent-tool.ts";
import { findServer } from "./find-server.ts";
import { quoted, shown } from "./others-words.ts";
import { serverHitOf, toolHitOf } from "./search-catalog.ts";
import { counts, serverHit, serverName, toolHit } from "./shapes.ts";

const input = z.strictObject({ server: serverName });

const output = serverHit.extend({
  licence: z.string().nullable(),
  seen: z.string().describe("When its tools were last listed, RFC 3339"),
  counts,
  presences: z.strictObject({ listed: z.int(), declared: z.int(), unlisted: z.int() }),
  dangerous: z.array(toolHit).describe("At most five, the riskiest first"),
  advice: z.array(z.string()),
});

export const checkServer: AgentTool<typeof input, typeof output> = {
  name: "check_server",
  title: "Check a server",
  description:
    "What an agent can do with an MCP server: how many tools of which risk, the most dangerous ones, and what to mind before connecting.",
  input,
  output,
  async answer({ server }) {
    const found = await findServer(server);
    if (found instanceof Trouble) return found;
    const advice = adviceOf(found);
    const dangerous = found.dangerous.map(toolHitOf);
    const byCategory = riskCategories.filter((name) => found.counts[name] > 0);
    const text = [
      `${quoted(found.slug)} (${shown(found.source)}${found.version === null ? "" : ` ${shown(found.version)}`}): ${found.toolCount} tools${byCategory.length === 0 ? "" : `; ${byCategory.map((name) => `${name} ${found.counts[name]}`).join(", ")}`}.`,
      ...(dangerous.length === 0
        ? []
        : [`Most dangerous: ${dangerous.map(({ tool, category }) => `${quoted(tool)} (${category})`).join(", ")}.`]),
      ...advice,
    ].join("\n");
    return {
      text,
      data: {
        ...serverHitOf(found),
        licence: found.licence === null ? null : shown(found.licence),
        seen: found.seenAt,
        counts: found.counts,
        presences: found.presences,
        dangerous,
        advice,
      },
    };
  },
};

/** Our own sentences, each true of this server. */
function adviceOf({ slug, evidence, counts, presences, toolCount }: ServerDetail): string[] {
  const advice: string[] = [];
  if (evidence === "registry" || toolCount === 0) {
    advice.push("Its tools have not been listed here: give what it lists to `check_tool` or `recommend_policy`.");
  } else {
    advice.push(
      "It may list other tools by now: give a definition to `check_tool` together with server and tool to see whether it is still the one that was judged.",
    );
  }
  if (presences.unlisted > 0) {
    advice.push(
      `${presences.unlisted} of its tools answer though they are not listed, so its list is no bound of what it does.`,
    );
  }
  if (presences.declared > 0) advice.push(`${presences.declared} of its tools are in its source but never listed.`);
  const critical = counts.Destructive + counts.Financial;
  if (critical > 0) {
    advice.push(`${critical} can destroy or spend: hide them, or have a person approve each call.`);
  }
  if (counts.Execute + counts.Other > 0) {
    advice.push(
      `${counts.Execute + counts.Other} run something, or nobody can tell: limit how often, and with which arguments.`,
    );
  }
  if (toolCount > 0) advice.push(`\`recommend_policy\` with { "server": "${slug}" } has a policy for it.`);
  return advice;
}
