// The registry for agents, as an MCP server over Streamable HTTP. Not part of the management API, so not in its description.
import { answerAgents } from "@/app/_server/agents/answer.ts";

export {
  answerAgents as DELETE,
  answerAgents as GET,
  answerAgents as PATCH,
  answerAgents as POST,
  answerAgents as PUT,
};
