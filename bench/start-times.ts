// npx tsx bench/start-times.ts: how long a person waits. A fresh clone in a temporary folder, `npm start` to ready, stop, start
// again, stop. What is not committed is not measured. Takes two minutes and some network (npm ci).
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startPolicyLayer } from "../e2e/harness/processes.ts";
import { freePort } from "../prisma/free-port.ts";

const project = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const scratch = await mkdtemp(path.join(tmpdir(), "policylayer-start-times-"));
const clone = path.join(scratch, "clone");
const options = {
  root: clone,
  dataDir: path.join(clone, ".data"),
  ports: { web: await freePort(), gateway: await freePort(), gatewayAdmin: await freePort() },
};

try {
  execFileSync("git", ["clone", "--quiet", project, clone]);
  const first = await startPolicyLayer(options);
  report("fresh clone to ready", first.readyMs);
  report("stop", await first.stop("SIGTERM"));
  const second = await startPolicyLayer(options);
  report("second start to ready", second.readyMs);
  report("stop", await second.stop("SIGINT"));
} finally {
  await rm(scratch, { recursive: true, force: true });
}

function report(what: string, ms: number): void {
  console.log(`${what.padEnd(24)} ${(ms / 1000).toFixed(1).padStart(6)} s`);
}
