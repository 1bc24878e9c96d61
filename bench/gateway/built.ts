// The gateway as it runs in earnest: built, not translated while it starts. What it costs is then its own.
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { buildServers } from "../../build.ts";

/** @returns The `program` for `startGateway`. */
export async function buildGateway(scratch: string): Promise<string[]> {
  const folder = join(scratch, "dist");
  await buildServers(folder);
  // What it takes from node_modules is looked for from where it lies.
  await symlink(join(import.meta.dirname, "../../node_modules"), join(scratch, "node_modules"));
  return ["--enable-source-maps", join(folder, "gateway.mjs")];
}
