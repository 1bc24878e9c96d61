import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../../e2e/harness/database.ts";
import { seedCatalog } from "../../../prisma/catalog-seed.ts";
import { database } from "../../../prisma/client.ts";
import { authenticate, type Member } from "../member.ts";
import { Refusal } from "../refusals.ts";
import { ask, foundServer, type StandInGateway, setEnvironment, signUp, startStandInGateway } from "../test-world.ts";
import { candidatesFor } from "./candidates.ts";

const tmuxClaude = { slug: "tmux-claude", source: "github:michael-abdo/tmux-claude-mcp-server" };

let fresh: TestDatabase;
let gateway: StandInGateway;

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  await seedCatalog(fresh.url);
  gateway = await startStandInGateway();
});

beforeEach(() => {
  gateway.enforces = true;
  gateway.beats = true;
});

afterAll(async () => {
  await gateway.stop();
  await database().$disconnect();
  await fresh?.drop();
});

/** An organisation with these servers: their addresses and their tools. */
async function organisationWith(servers: Record<string, string[]>): Promise<Member> {
  const { apiKey: key } = await signUp();
  for (const [url, tools] of Object.entries(servers)) {
    gateway.answer = foundServer(tools);
    const { status, body } = await ask("POST", "/servers", { key, body: { name: url, transport: "http", url } });
    expect(status, JSON.stringify(body)).toBe(201);
  }
  const caller = await authenticate(new Headers({ authorization: `Bearer ${key}` }));
  if (caller instanceof Refusal) throw new Error(caller.code);
  return caller.member;
}

describe("the servers that a recommended policy may be for", () => {
  const remote = { slug: "mcp-example-com-mcp", source: "url:http://mcp.example.com/mcp" };

  it("are those of the same source, then those with the same tools, then the others", async () => {
    const member = await organisationWith({
      "http://127.0.0.1:9/other": ["search", "fetch", "vm_list"],
      "http://127.0.0.1:9/tmux": ["spawn", "vm_create_image", "vm_list", "made_up"],
      "http://mcp.example.com/mcp": ["get_weather"],
    });
    expect(await candidatesFor(member, tmuxClaude, "vm_create_image")).toMatchObject([
      { name: "http://127.0.0.1:9/tmux", match: "tools", shared: 3, tools: 4, hasTool: true },
      { name: "http://127.0.0.1:9/other", match: null, shared: 1, tools: 3, hasTool: false },
      { name: "http://mcp.example.com/mcp", match: null, shared: 0, tools: 1, hasTool: false },
    ]);
    expect((await candidatesFor(member, remote, null))[0]).toMatchObject({
      name: "http://mcp.example.com/mcp",
      match: "source",
      hasTool: null,
    });
  });

  it("are the organisation's own, also when there are none", async () => {
    await organisationWith({ "http://127.0.0.1:9/tmux": ["spawn"] });
    expect(await candidatesFor(await organisationWith({}), tmuxClaude, null)).toEqual([]);
  });
});
