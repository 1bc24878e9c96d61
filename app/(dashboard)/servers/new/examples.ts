export type Example = { name: string; line: string; about: string; prepare?: string };

/** Servers to try it with. A line that needs something done first says what. */
export const examples: readonly Example[] = [
  {
    name: "tmux-claude",
    line: "node /path/to/tmux-claude-mcp-server/src/simple_mcp_server.js",
    about: "Runs Claude instances in tmux, and virtual machines.",
    prepare:
      "Clone github.com/michael-abdo/tmux-claude-mcp-server, run npm install in it, and put its path into the command.",
  },
  {
    name: "Everything",
    line: "npx -y @modelcontextprotocol/server-everything",
    about: "The reference server that uses every part of MCP.",
  },
  {
    name: "Filesystem",
    line: "npx -y @modelcontextprotocol/server-filesystem /tmp",
    about: "Reads and writes files in the folders you name.",
  },
  {
    name: "Memory",
    line: "npx -y @modelcontextprotocol/server-memory",
    about: "A knowledge graph that an agent writes to.",
  },
];
