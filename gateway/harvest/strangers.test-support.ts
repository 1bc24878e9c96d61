// Packages that tests harvest, and a registry on this machine that serves them.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Stranger = { source: string; manifest?: object; files?: Record<string, string> };

/** An MCP server with the tools that the code names; `tools`, `instructions` and `before()` are whatever it makes them. */
export function serverThat(code: string): string {
  return `#!/usr/bin/env node
let tools = [], instructions, pages = 1;
let before = async () => {};
${code}
const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\\n");
let text = "";
process.stdin.on("data", async (chunk) => {
  text += chunk;
  for (let end = text.indexOf("\\n"); end >= 0; end = text.indexOf("\\n")) {
    const { id, method, params } = JSON.parse(text.slice(0, end));
    text = text.slice(end + 1);
    if (method === "initialize") {
      await before();
      const result = { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo: { name: "x", version: "9" }, instructions };
      say({ id, result });
    } else if (method === "tools/list") {
      const page = Number(params?.cursor ?? 0), size = Math.ceil(tools.length / pages);
      const nextCursor = page + 1 < pages ? String(page + 1) : undefined;
      say({ id, result: { tools: tools.slice(page * size, (page + 1) * size), nextCursor } });
    } else if (id !== undefined) say({ id, error: { code: -32601, message: "no" } });
  }
});
`;
}

/** A registry as npm speaks to it. `asked` is every path that was asked for. */
export async function openRegistry(strangers: Record<string, Stranger>) {
  const folder = mkdtempSync(join(tmpdir(), "registry-"));
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/");
    asked.push(path);
    const tarball = /\/-\/(.+)\.tgz$/.exec(path)?.[1];
    const name = path.slice(1);
    const stranger = strangers[name];
    if (tarball !== undefined) response.end(readFileSync(join(folder, `${tarball}.tgz`)));
    else if (stranger === undefined) response.writeHead(404, { "content-type": "application/json" }).end("{}");
    else response.writeHead(200, { "content-type": "application/json" }).end(packumentOf(name, stranger));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function packumentOf(name: string, { source, manifest = {}, files = {} }: Stranger): string {
    const place = join(folder, "made", name);
    const described = { name, version: "1.2.3", license: "MIT", bin: { [name]: "server.js" }, ...manifest };
    mkdirSync(join(place, "package"), { recursive: true });
    const { dist: stated = {}, ...written } = described as { dist?: object };
    for (const [file, text] of Object.entries({
      "server.js": source,
      "package.json": JSON.stringify(written),
      ...files,
    })) {
      writeFileSync(join(place, "package", file), text);
    }
    const file = join(folder, `${name}-1.2.3.tgz`);
    execFileSync("tar", ["-czf", file, "-C", place, "package"]);
    const integrity = `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;
    const dist = { tarball: `${url}/${name}/-/${name}-1.2.3.tgz`, integrity, ...stated };
    return JSON.stringify({ name, "dist-tags": { latest: "1.2.3" }, versions: { "1.2.3": { ...written, dist } } });
  }

  return {
    url,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
