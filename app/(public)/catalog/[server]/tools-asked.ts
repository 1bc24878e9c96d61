import { type RiskCategory, riskCategories } from "../../../../catalog/schema.ts";

/** Which of a server's tools an address asks for. What makes no sense in it is as if it were not there. */
export type ToolsAsked = { q: string; category: RiskCategory | undefined; cursor: string | undefined };

type Query = Record<string, string | string[] | undefined>;

export function readToolsAsked({ q, category, cursor }: Query): ToolsAsked {
  return {
    q: typeof q === "string" ? q.trim().slice(0, 200) : "",
    category: riskCategories.find((known) => known === category),
    cursor: typeof cursor === "string" && cursor !== "" ? cursor : undefined,
  };
}
