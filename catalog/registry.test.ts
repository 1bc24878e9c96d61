import { describe, expect, it } from "vitest";
import { readRegistryPage } from "./registry.ts";

/** Two pages as the registry answers today. */
const pages = [
  {
    servers: [
      {
        server: {
          $schema: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
          name: "com.example/notes",
          title: "Notes",
          description: "Keeps notes",
          version: "1.4.0",
          repository: { url: "https://github.com/example/notes", source: "github" },
          packages: [
            {
              registryType: "npm",
              registryBaseUrl: "https://registry.npmjs.org",
              identifier: "@example/notes-mcp",
              version: "1.4.0",
              transport: { type: "stdio" },
              environmentVariables: [{ name: "NOTES_TOKEN", isSecret: true }],
            },
          ],
        },
        _meta: {
          "io.modelcontextprotocol.registry/official": {
            status: "active",
            publishedAt: "2026-01-01T00:00:00Z",
            isLatest: true,
          },
        },
      },
    ],
    metadata: { nextCursor: "com.example/notes:1.4.0", count: 1 },
  },
  {
    servers: [
      {
        server: {
          name: "com.example/weather",
          description: "Tells the weather",
          version: "0.1.0",
          remotes: [{ type: "streamable-http", url: "https://weather.example.com/mcp" }],
          somethingNew: { nobody: "knows" },
        },
        _meta: { "io.modelcontextprotocol.registry/official": { status: "deprecated" } },
      },
    ],
    metadata: { count: 1 },
  },
];

/** As it answered at first. */
const oldPage = {
  servers: [
    {
      id: "11111111-2222-3333-4444-555555555555",
      name: "io.github.example/files",
      description: "Reads files",
      status: "active",
      repository: { url: "https://github.com/example/files", source: "github", id: "1" },
      version_detail: { version: "0.9.1", release_date: "2025-06-01T00:00:00Z", is_latest: true },
      packages: [{ registry_name: "npm", name: "files-mcp", version: "0.9.1" }],
      remotes: [{ transport_type: "sse", url: "https://files.example.com/sse" }],
    },
  ],
  metadata: { next_cursor: "11111111-2222-3333-4444-555555555555", count: 30 },
};

describe("a page of the registry", () => {
  it("is read as it is written today, page after page", () => {
    const [first, second] = pages.map(readRegistryPage);
    expect(first).toEqual({
      entries: [
        {
          source: "npm:@example/notes-mcp",
          name: "com.example/notes",
          description: "Keeps notes",
          version: "1.4.0",
          repository: "https://github.com/example/notes",
          packages: [{ registryType: "npm", identifier: "@example/notes-mcp", version: "1.4.0" }],
          remotes: [],
          status: "active",
        },
      ],
      nextCursor: "com.example/notes:1.4.0",
      problems: [],
    });
    expect(second?.nextCursor).toBeNull();
    expect(second?.entries[0]).toMatchObject({
      source: "registry:com.example/weather",
      remotes: [{ type: "streamable-http", url: "https://weather.example.com/mcp" }],
      status: "deprecated",
    });
  });

  it("is read as it was written at first", () => {
    const { entries, nextCursor, problems } = readRegistryPage(oldPage);
    expect(problems).toEqual([]);
    expect(nextCursor).toBe("11111111-2222-3333-4444-555555555555");
    expect(entries[0]).toMatchObject({
      source: "npm:files-mcp",
      version: "0.9.1",
      packages: [{ registryType: "npm", identifier: "files-mcp", version: "0.9.1" }],
      remotes: [{ type: "sse", url: "https://files.example.com/sse" }],
    });
  });

  it("loses no entry over another that cannot be read", () => {
    const broken = [
      null,
      7,
      {},
      { server: {} },
      { server: { name: "a b" } },
      { name: "\u0000" },
      { name: "x".repeat(300) },
    ];
    const { entries, problems } = readRegistryPage({ servers: [...broken, ...oldPage.servers] });
    expect(entries.map(({ name }) => name)).toEqual(["io.github.example/files"]);
    expect(problems).toHaveLength(broken.length);
    expect(problems[0]).toBe("Server 1 of the page is left out: it has no name that can be shown.");
  });

  it("believes no address and no package name that is something else", () => {
    const { entries } = readRegistryPage({
      servers: [
        {
          name: "com.example/odd",
          repository: { url: "javascript:alert(1)" },
          packages: [{ registryType: "npm", identifier: "--registry=http://x" }, 7],
          remotes: [{ type: "sse", url: "file:///etc/passwd" }, null],
        },
        { server: { name: "com.example/plain" } },
        { name: "com.example/two", packages: ["a", "b"].map((identifier) => ({ registryType: "npm", identifier })) },
      ],
    });
    expect(entries[0]).toMatchObject({ source: "registry:com.example/odd", repository: null, remotes: [] });
    expect(entries[1]?.name).toBe("com.example/plain");
    expect(entries[2]?.source).toBe("registry:com.example/two");
  });

  it.each([null, 7, "x", [], {}, { servers: {} }, { servers: [], metadata: { nextCursor: 7 } }])(
    "is never a reason to throw: %j",
    (json) => {
      expect(readRegistryPage(json)).toMatchObject({ entries: [], nextCursor: null });
    },
  );
});
