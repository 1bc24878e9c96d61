// The gateway process; with `GATEWAY_WORKERS` above 1, the one that keeps so many of them on the same port.
import cluster from "node:cluster";
import { setFlagsFromString } from "node:v8";
import { readWorkers } from "./env.ts";

const workers = readWorkers(process.env);
if (cluster.isPrimary && workers > 1) {
  const { runWorkers } = await import("./workers.ts");
  await runWorkers(workers);
} else {
  // V8 notes from where objects came that lived long, and makes those of such a place old from the start. While a gateway starts all
  // lives long. What is old when it is made keeps the call alive that it belongs to, until the next full collection: in every second
  // process nearly all calls then survived each collection, and each cost a third more.
  setFlagsFromString("--no-allocation-site-pretenuring");
  await import("./serve.ts");
}
