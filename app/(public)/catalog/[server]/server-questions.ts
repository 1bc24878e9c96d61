import { severityOf } from "../../../../catalog/schema.ts";
import type { ServerDetail } from "../../../api/v1/catalog-schemas.ts";
import { canDo, severityWords } from "../_parts/categories.ts";
import { worstFirst } from "../_parts/category-bar.tsx";
import { count, dayOf } from "../_parts/facts.tsx";
import { sourceLabel, sourceName } from "../_parts/identity.ts";
import type { Question } from "../_parts/questions.tsx";
import { type Said, say, sayList } from "../_parts/say.tsx";

/** What is asked of a server whose tools are known. */
export function serverQuestions(server: ServerDetail): Question[] {
  const title = { title: server.name };
  return [
    { ask: say`What can an agent do with ${title}?`, answer: whatItCan(server) },
    { ask: say`Which tools of ${title} are the most dangerous?`, answer: mostDangerous(server) },
    {
      ask: say`How do I control what an agent does with ${title}?`,
      answer: say`Register it in PolicyLayer, publish a policy for it, and make a grant for the agent. The agent's client is given the gateway's URL instead of the server's, and each call is decided by the policy before it reaches ${title}.`,
    },
    {
      ask: say`What happens when ${title} changes one of its tools?`,
      answer: say`A registered server's definitions are pinned when you accept them. When the server serves another one, calls of that tool are held back until a person has looked at the difference, unless you decide otherwise for that server. Tools that no rule names are denied, new ones too.`,
    },
    {
      ask: say`Where do these facts come from?`,
      answer: [
        ...say`${{ title: sourceLabel(server.sourceKind) }} ${sourceName(server.source)}${{ title: server.version === null ? "" : `, version ${server.version}` }}. `,
        evidenceSentence(server),
      ],
    },
  ];
}

function whatItCan({ name, counts, toolCount }: ServerDetail): Said {
  const present = worstFirst.filter((category) => counts[category] > 0);
  const parts = present.map(
    (category) =>
      `${counts[category]} can ${canDo[category].split(":")[0]} (${category}, ${severityWords[severityOf[category]].toLowerCase()})`,
  );
  return [{ title: name }, ` has ${count(toolCount, "tool")} in the catalog: ${parts.join("; ")}.`];
}

function mostDangerous({ dangerous }: ServerDetail): Said {
  if (dangerous.length === 0) return ["None stands out: every tool found only reads."];
  const names = dangerous.map((tool) => tool.name);
  const worst = dangerous[0]?.severity ?? "high";
  return [...sayList(names, 5), `. The worst of them: ${severityWords[worst].toLowerCase()}.`];
}

function evidenceSentence({ evidence, seenAt }: ServerDetail): string {
  const day = dayOf(seenAt);
  switch (evidence) {
    case "harvest":
      return `This installation started the server, cut off from the network, on ${day}, and read its list of tools.`;
    case "snapshot":
      return `PolicyLayer ships these facts, as they were on ${day}: names, arguments, hints and our classification, and none of the server's sentences.`;
    case "registry":
      return `A registry named it on ${day}; its tools have not been listed here.`;
  }
}
