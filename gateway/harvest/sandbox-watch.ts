// What the kernel says of a namespace from outside, where nothing that runs in it can forge it.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Isolation } from "../../catalog/harvest.ts";

/** The network interfaces that a process sees. Null when that cannot be looked up. */
export function interfacesOf(pid: number): Isolation["interfaces"] | null {
  try {
    const [devices, addresses4, addresses6] = ["dev", "fib_trie", "if_inet6"].map((name) =>
      readOrEmpty(`/proc/${pid}/net/${name}`),
    ) as [string, string, string];
    // Two lines of headings, then `  lo: 0 0 …`: the bytes received are the first number, the bytes sent the ninth.
    return devices
      .split("\n")
      .slice(2)
      .filter((line) => line.includes(":"))
      .map((line) => {
        const [name = "", numbers = ""] = line.split(":").map((part) => part.trim());
        const counts = numbers.split(/\s+/).map(Number);
        // An interface that is up has an address; IPv4 ones are not listed by interface.
        const up = addresses4.trim() !== "" || addresses6.split("\n").some((row) => row.trim().endsWith(` ${name}`));
        return { name, up, receivedBytes: counts[0] ?? 0, sentBytes: counts[8] ?? 0 };
      });
  } catch {
    return null;
  }
}

/** Whether that is a network in which nothing can be reached, not even oneself. */
export function isCutOff(interfaces: Isolation["interfaces"] | null): boolean {
  return interfaces !== null && interfaces.length > 0 && !interfaces.some(({ up }) => up);
}

/** Names the namespace that children of a process are in. */
export function processNamespaceOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid_for_children`);
  } catch {
    return null;
  }
}

export function networkNamespaceOf(pid: number | "self"): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return null;
  }
}

export function processesIn(namespace: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/ns/pid`) === namespace;
      } catch {
        return false; // gone meanwhile, or another user's
      }
    });
}

const pageBytes = 4_096;

/** Memory that these processes have for themselves, in bytes. */
export function memoryOf(pids: readonly number[]): number {
  let pages = 0;
  for (const pid of pids) {
    const [, resident = 0, shared = 0] = readOrEmpty(`/proc/${pid}/statm`).split(" ").map(Number);
    pages += Math.max(0, resident - shared);
  }
  return pages * pageBytes;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    // Gone meanwhile; only where there is no such process at all is there nothing to say.
    if (file.endsWith("/net/dev")) throw cause;
    return "";
  }
}
