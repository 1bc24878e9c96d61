// How a command is started: as far apart from us as the machine allows, and within limits of its own. What holds where is told in
// README "Commands".
import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Log } from "../log.ts";

/** Whose rights a command has. Null: our own. */
export type CommandUser = { uid: number; gid: number } | null;

/**
 * `namespaces`: processes, mounts and rights of its own (Linux). It sees no other process and nothing in our data directory, and
 * nothing that it starts outlives it. `limits`: the rights of its user, and limits of its resources.
 */
export type Apartness = "namespaces" | "limits";

export type Places = {
  /** Not to be seen. */
  dataDir: string;
  /** What the command keeps from one run to the next, and where it sees that. */
  keptHome: string;
  seenHome: string;
};

const path = process.env.PATH || "/usr/bin:/bin";
const bare: Record<string, string> = { PATH: path };
const tools = { sh: "/bin/sh", unshare: findProgram("unshare", path, "/"), mount: findProgram("mount", path, "/") };

/**
 * Scripts of ours, which hold nothing of the command's: it comes as their arguments and is never read as shell. Limits that are
 * lower already, or that a system does not know, are left as they are.
 */
const limited = [
  "ulimit -c 0",
  "ulimit -n 4096",
  "ulimit -f 4194304", // 2 GiB a file, in blocks of 512 bytes
  "ulimit -d 4194304", // 4 GiB of memory a process
].join(" 2>/dev/null; ");
const limitedScript = `${limited} 2>/dev/null; exec "$@"`;
/** Only where they are counted for the command alone: otherwise the user's other processes would count as well. */
const counted = "{ ulimit -u 1024 || ulimit -p 1024; } 2>/dev/null";
/**
 * As process 1 of its own namespace, so that everything ends when it does. It waits; the command runs beside it with its user's own
 * number and no rights over the namespace, so the mounts are not its to undo.
 */
const apartScript = `
unshare=$1 mount=$2 uid=$6 gid=$7
"$mount" --bind "$4" "$5" && "$mount" -t tmpfs -o ro,mode=0,size=4k tmpfs "$3" || exit 125
shift 7
exec 3<&0 0</dev/null
"$unshare" --user "--map-user=$uid" "--map-group=$gid" -- /bin/sh -c '${counted}; ${limitedScript}' command "$@" <&3 3<&- &
exec 3<&- 1>/dev/null
wait $!
`;

/** @param command The path of a program (`findProgram`). */
export function launchOf(
  apartness: Apartness,
  user: CommandUser,
  places: Places,
  command: string,
  args: readonly string[],
): { file: string; args: string[] } {
  if (apartness === "limits" || !tools.unshare || !tools.mount) {
    return { file: tools.sh, args: ["-c", limitedScript, "command", command, ...args] };
  }
  const { uid, gid } = user ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const { dataDir, keptHome, seenHome } = places;
  const given = [tools.unshare, tools.mount, dataDir, keptHome, seenHome, String(uid), String(gid), command, ...args];
  const namespaces = ["--user", "--map-root-user", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child"];
  return { file: tools.unshare, args: [...namespaces, "--", tools.sh, "-c", apartScript, "apart", ...given] };
}

const found = new Map<string, Apartness>();

/** What this machine allows, found out by doing it once. */
export function apartnessOf(user: CommandUser, places: Places, log: Log): Apartness {
  const key = JSON.stringify([user, places.dataDir]);
  const known = found.get(key);
  if (known) return known;
  let apartness: Apartness = "limits";
  if (process.platform === "linux" && tools.unshare && tools.mount) {
    // Where nothing is hidden after all, nothing is claimed.
    const look = ["-c", '[ -z "$(ls -A "$1" 2>/dev/null)" ] && exit 42', "look", places.dataDir];
    const { file, args } = launchOf("namespaces", user, places, tools.sh, look);
    const options = { stdio: "ignore", timeout: 5_000, killSignal: "SIGKILL" } as const;
    if (spawnSync(file, args, { ...options, ...user, env: bare as NodeJS.ProcessEnv }).status === 42)
      apartness = "namespaces";
  }
  found.set(key, apartness);
  if (apartness === "limits")
    log.warn({}, "commands run beside us: this machine gives them no namespaces of their own");
  if (user === null && process.getuid?.() === 0) log.warn({}, "commands run as root: see STDIO_USER");
  return apartness;
}

/** The path of a program, as a shell would find it; one that may not be run is better than none. Null when there is none. */
export function findProgram(command: string, searchPath: string, cwd: string): string | null {
  if (command === "" || command.includes("\0")) return null;
  const candidates = command.includes("/")
    ? [command.startsWith("/") ? command : join(cwd, command)]
    : searchPath.split(delimiter).map((dir) => join(dir || cwd, command));
  const files = candidates.filter(isFile);
  return files.find(mayRun) ?? files[0] ?? null;
}

export function mayRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
