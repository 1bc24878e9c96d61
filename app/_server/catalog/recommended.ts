// The policies that the catalog recommends, as its pages show them and as they are opened in the builder.
import {
  type RecommendedPolicy,
  type RecommendedTool,
  recommendedForServer,
  recommendedForTool,
  type WrittenPolicy,
} from "../../../policy/recommend.ts";
import { allToolsForPolicy, type ToolForPolicy } from "./servers.ts";

/** What a policy knows of a tool of the catalog: the schema that the server sent, or the arguments that were shipped. */
export function toolForPolicy(tool: ToolForPolicy): RecommendedTool {
  const { name, category, severity, presence, parameters, definition } = tool;
  const inputSchema = inputSchemaIn(definition);
  return {
    name,
    category,
    severity,
    presence,
    parameters,
    ...(inputSchema === undefined ? {} : { inputSchema }),
  };
}

function inputSchemaIn(definition: string | null): unknown {
  if (definition === null) return undefined;
  try {
    return (JSON.parse(definition) as { inputSchema?: unknown } | null)?.inputSchema;
  } catch {
    return undefined;
  }
}

export function recommendedForCatalogTool(tool: ToolForPolicy): RecommendedPolicy {
  return recommendedForTool(toolForPolicy(tool));
}

/** Null for a server without tools: a policy that names nothing says nothing. */
export async function recommendedForCatalogServer(slug: string): Promise<WrittenPolicy | null> {
  const tools = await allToolsForPolicy(slug);
  return tools.length === 0 ? null : recommendedForServer(tools.map(toolForPolicy));
}
