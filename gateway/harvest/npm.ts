// Runs npm for a stranger's package: nothing of ours in its environment, no scripts, nothing from anywhere but the registry.
import { spawn } from "node:child_process";
import { chownSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { keepTail } from "../upstream/last-words.ts";
import { type CommandUser, findProgram } from "../upstream/launch.ts";
import { signalGroup } from "../upstream/leftovers.ts";

export type NpmRun = {
  /** A folder of this run's own. */
  folder: string;
  /** What npm has downloaded already; nothing in it is ever run or trusted unread. */
  cache?: string;
  user: CommandUser;
  /** npm's own default when left out. */
  registry?: string;
  timeoutMs: number;
  signal: AbortSignal;
  /** How much may lie in the folder; looked at while npm runs. */
  bytesMax: number;
  /** Told of its process, which leads a group. */
  onStart?: (pid: number) => void;
};

export type NpmEnd =
  | { kind: "done"; code: number; stdout: string; stderr: string }
  | { kind: "timed_out" | "too_large" | "cancelled" | "no_npm" };

/** How a network is reached from here, and whom it trusts; all that npm is told of our environment. */
const passedOn = /^(?:https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_(?:file|dir))$/i;
const flags = [
  ...["--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--no-update-notifier", "--loglevel=error"],
  // A dependency may name any address or repository: only the registry is asked.
  ...["--allow-git=none", "--allow-remote=none", "--allow-file=none", "--allow-directory=none", "--git=/bin/false"],
  ...["--no-package-lock", "--omit=dev", "--json"],
];
/** Nothing of it goes on when we are gone, which closes descriptor 3. */
const watched = '(read -r end <&3; kill -KILL 0) >/dev/null 2>&1 & exec 3<&-; "$@"';
const outputBytesMax = 2 * 1024 * 1024;
const lookEveryMs = 1_500;

export function runNpm(args: readonly string[], run: NpmRun): Promise<NpmEnd> {
  const home = join(run.folder, "npm");
  makeFolder(home, run.user);
  const { PATH = "/usr/bin:/bin" } = process.env;
  const searchPath = `${dirname(process.execPath)}:${PATH}`;
  const npm = findProgram("npm", searchPath, "/");
  if (npm === null) return Promise.resolve({ kind: "no_npm" });
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name)));
  const registry = run.registry ?? process.env.npm_config_registry;
  const at = registry ? [`--registry=${registry}`] : [];
  // Files that are not there: what this machine's users set is not for strangers, nor are their tokens.
  const ownConfig = ["user", "global"].map((whose) => `--${whose}config=${join(home, `${whose}.npmrc`)}`);
  return new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", watched, "npm", npm, ...args, ...flags, ...ownConfig, ...at], {
      cwd: home,
      env: {
        ...env,
        PATH: searchPath,
        HOME: home,
        npm_config_cache: run.cache ?? join(home, "cache"),
        LANG: "C.UTF-8",
      } as never,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      detached: true,
      ...run.user,
    });
    if (child.pid !== undefined) run.onStart?.(child.pid);
    const [stdout, stderr] = [keepTail(outputBytesMax), keepTail(16 * 1024)];
    child.stdout?.on("data", stdout.add);
    child.stderr?.on("data", stderr.add);

    let isOver = false;
    const end = () => {
      if (child.pid !== undefined && !isOver) signalGroup(child.pid, "SIGKILL");
    };
    function finish(how: NpmEnd): void {
      if (isOver) return;
      end();
      isOver = true;
      clearTimeout(timer);
      clearInterval(watch);
      run.signal.removeEventListener("abort", cancel);
      resolve(how);
    }
    const cancel = () => finish({ kind: "cancelled" });
    const timer = setTimeout(() => finish({ kind: "timed_out" }), run.timeoutMs);
    const watch = setInterval(() => {
      void bytesIn(run.folder).then((bytes) => {
        if (bytes > run.bytesMax) finish({ kind: "too_large" });
      });
    }, lookEveryMs);
    run.signal.addEventListener("abort", cancel);
    if (run.signal.aborted) cancel();
    child.on("error", () => finish({ kind: "no_npm" }));
    child.on("exit", end); // what waits beside it, so that its output closes
    child.on("close", (code) => {
      finish({ kind: "done", code: code ?? 1, stdout: stdout.text(), stderr: stderr.text() });
    });
  });
}

export function makeFolder(folder: string, user: CommandUser): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user !== null) chownSync(folder, user.uid, user.gid);
}

/** What lies in a folder, in bytes on disk. Infinite when that cannot be told: what cannot be measured is too large. */
export function bytesIn(folder: string): Promise<number> {
  return new Promise((resolve) => {
    const du = spawn("du", ["-sk", folder], { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    du.stdout.on("data", (chunk: Buffer) => {
      text += chunk;
    });
    du.on("error", () => resolve(Number.POSITIVE_INFINITY));
    du.on("close", () => {
      const kibibytes = Number.parseInt(text, 10);
      resolve(Number.isNaN(kibibytes) ? Number.POSITIVE_INFINITY : 1_024 * kibibytes);
    });
  });
}
