// Loaded into a gateway that is measured (NODE_OPTIONS=--import=…/inside.mjs): what only the process itself can tell. Asked by
// SIGUSR2, it writes to the file INSIDE_FILE what its event loop was held up since the last time, and its heap once it is collected.
import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

// The processes that the gateway itself starts inherit NODE_OPTIONS.
const file = process.env.INSIDE_FILE;
delete process.env.INSIDE_FILE;
if (file) {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  const resolution = 1;
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  process.on("SIGUSR2", () => {
    // The timer itself comes every `resolution`; what is beyond that is delay.
    const ms = (ns) => Math.max(0, ns / 1e6 - resolution);
    const held = {
      p50: ms(delay.percentile(50)),
      p99: ms(delay.percentile(99)),
      p999: ms(delay.percentile(99.9)),
      max: ms(delay.max),
    };
    if (process.env.INSIDE_COLLECT !== "never") {
      collect();
      collect();
    }
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
    writeFileSync(file, JSON.stringify({ held, rss, heapUsed, heapTotal, external }));
    delay.reset();
  });
}
