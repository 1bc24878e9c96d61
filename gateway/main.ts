// The gateway process; with `GATEWAY_WORKERS` above 1, the one that keeps so many of them on the same port.
import cluster from "node:cluster";
import { readWorkers } from "./env.ts";

const workers = readWorkers(process.env);
if (cluster.isPrimary && workers > 1) {
  const { runWorkers } = await import("./workers.ts");
  await runWorkers(workers);
} else {
  await import("./serve.ts");
}
