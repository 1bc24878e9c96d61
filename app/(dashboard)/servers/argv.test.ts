import { describe, expect, it } from "vitest";
import { commandLine, parseCommandLine } from "./argv.ts";

describe("a command line", () => {
  it.each([
    ["npx -y @modelcontextprotocol/server-everything", "npx", ["-y", "@modelcontextprotocol/server-everything"]],
    ["  node   server.js  ", "node", ["server.js"]],
    [`node "my server.js" 'it''s'`, "node", ["my server.js", "its"]],
    [`a "" ''`, "a", ["", ""]],
    [String.raw`a b\ c "d\"e" 'f\g' "h\i"`, "a", ["b c", 'd"e', "f\\g", "h\\i"]],
    ["npx -y \\\n  server", "npx", ["-y", "server"]],
    ["node $HOME/*.js", "node", ["$HOME/*.js"]],
    ["sh -c 'a | b'", "sh", ["-c", "a | b"]],
    ["a '|'", "a", ["|"]],
  ])("%j", (line, command, args) => {
    expect(parseCommandLine(line)).toEqual({ ok: true, command, args, env: {} });
  });

  it("takes variables before the program", () => {
    expect(parseCommandLine("TOKEN=a=b EMPTY= node s.js X=1")).toEqual({
      ok: true,
      command: "node",
      args: ["s.js", "X=1"],
      env: { TOKEN: "a=b", EMPTY: "" },
    });
  });

  it.each(["", "   ", "A=1", `node "open`, "node 'open", "a | b", "a && b", "a > file"])("refuses %j", (line) => {
    expect(parseCommandLine(line).ok).toBe(false);
  });

  it("is written so that it reads back the same", () => {
    const args = ["plain", "two words", "it's", "", '"', "$x", "\\", "a\nb"];
    expect(parseCommandLine(commandLine("node", args))).toEqual({ ok: true, command: "node", args, env: {} });
  });
});
