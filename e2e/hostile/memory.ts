// How much memory a process took at most.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

export type MemoryWatch = { peakMb(): number; stop(): void };

/** Watches the resident set of a process. */
export function watchMemory(pid: number): MemoryWatch {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, residentKb(pid));
  };
  look();
  const timer = setInterval(look, 250);
  return {
    peakMb() {
      look();
      return Math.round(peak / 1024);
    },
    stop: () => clearInterval(timer),
  };
}

/** On Linux the highest it ever was; elsewhere what it is now. */
function residentKb(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    if (process.platform === "linux") return 0; // it is gone
    return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).trim() || 0);
  }
}
