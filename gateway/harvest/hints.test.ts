import { describe, expect, it } from "vitest";
import {
  argumentsAskedFor,
  dummyFor,
  exampleArguments,
  exampleVariables,
  variablesIn,
  variablesNamedIn,
} from "./hints.ts";

const readme = `
Add this to your client:
\`\`\`json
{ "mcpServers": { "acme": { "command": "npx", "args": ["-y", "acme-mcp@latest", "start", "/path/to/folder", "--key=YOUR_KEY"],
  "env": { "ACME_API_KEY": "ak_test_123", "ACME_URL": "<your url>", "LOG_LEVEL": "debug" } } } }
\`\`\`
or run \`npx --package acme-mcp -- acme serve\`.`;

describe("what a package wants to be started with", () => {
  it("is read from its source: keys apart from what may be settings", () => {
    const source = `const { ACME_REGION, ACME_SECRET } = process.env; if (!process.env.ACME_TOKEN) go(process.env["ACME_ORG_ID"]);
      process.env.NODE_ENV; env.PORT; process.env.ACME_TRANSPORT; process.env.HTTPS_PROXY`;
    expect(variablesIn(source)).toEqual({ keys: ["ACME_TOKEN", "ACME_SECRET"], more: ["ACME_ORG_ID", "ACME_REGION"] });
  });

  it("is read from its examples, with placeholders filled in", () => {
    expect([...exampleVariables(readme)]).toEqual([
      ["ACME_API_KEY", "ak_test_123"],
      ["ACME_URL", "<your url>"],
    ]);
    expect(exampleArguments(readme, "acme-mcp", ["acme"])).toEqual([
      ["start", "/work", "--key=dummy-0000000000000000000000000000"],
      ["serve"],
    ]);
  });

  it("is read from its complaint", () => {
    expect(variablesNamedIn("Error: ACME_TOKEN is required (ERR_MODULE, NODE_ENV)")).toEqual(["ACME_TOKEN"]);
    expect(argumentsAskedFor("error: required option '--api-key <key>' not specified", ["start"])).toEqual([
      ["start", "--api-key", "dummy-0000000000000000000000000000"],
    ]);
    expect(argumentsAskedFor("Please provide a MongoDB connection URL", [])).toEqual([
      ["mongodb://localhost:27017/database"],
    ]);
    expect(argumentsAskedFor("Usage: acme [command]\n  start   starts\n  login   logs in", [])).toEqual([["start"]]);
    expect(argumentsAskedFor("Usage: acme [command]\n  start   starts", ["start"])).toEqual([]);
  });

  it("is made up, in the form that the example or the name suggests", () => {
    expect(dummyFor("SLACK_TOKEN", "xoxb-your-token")).toBe("xoxb-your-token");
    expect(dummyFor("ACME_URL", "<your url>")).toBe("https://example.invalid");
    expect(dummyFor("VAULT_PATH", "/Users/you/vault")).toBe("/work");
    expect(dummyFor("ACME_EMAIL")).toBe("user@example.invalid");
  });

  it("costs no more to read in what is made to cost", () => {
    const hostile = `{${"{ ".repeat(200_000)}} "args": [${'"a", '.repeat(100_000)} npx ${"x ".repeat(200_000)} "env": {${'"A_B": '.repeat(50_000)}`;
    const began = performance.now();
    variablesIn(hostile);
    exampleVariables(hostile);
    exampleArguments(hostile, "x", []);
    argumentsAskedFor(hostile, []);
    variablesNamedIn(hostile);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
