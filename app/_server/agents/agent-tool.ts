import type { CallToolResult, McpServer } from "@modelcontextprotocol/server";
import type * as z from "zod";
import { isDatabaseDown, report } from "../report.ts";

/** A sentence for the agent, instead of an answer: what is wrong and how to go on. */
export class Trouble {
  readonly sentence: string;

  constructor(sentence: string) {
    this.sentence = sentence;
  }
}

/** What a program reads, and the same in a few words for a model. */
export type Said<Data> = { text: string; data: Data };

export type AgentTool<Input extends z.ZodObject, Output extends z.ZodObject> = {
  name: string;
  title: string;
  description: string;
  input: Input;
  output: Output;
  answer(input: z.output<Input>): Promise<Said<z.input<Output>> | Trouble>;
};

/** Adds a tool to a server. Trouble of any kind is a result that an agent can read; what broke inside stays with us. */
export function addTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  server: McpServer,
  { name, title, description, input, output, answer }: AgentTool<Input, Output>,
): void {
  const annotations = {
    title,
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  };
  const config = {
    title,
    description,
    inputSchema: input as z.ZodObject,
    outputSchema: output as z.ZodObject,
    annotations,
  };
  server.registerTool(name, config, async (given: unknown): Promise<CallToolResult> => {
    try {
      const said = await answer(given as z.output<Input>);
      if (said instanceof Trouble) return trouble(said.sentence);
      return { content: [{ type: "text", text: said.text }], structuredContent: said.data as Record<string, unknown> };
    } catch (cause) {
      report(`agents: ${name}`, cause);
      return trouble(
        isDatabaseDown(cause)
          ? "The catalog cannot be read right now. Try again in a minute."
          : "Something is broken on our side. It has been written down.",
      );
    }
  });
}

function trouble(sentence: string): CallToolResult {
  return { isError: true, content: [{ type: "text", text: sentence }] };
}
