// The browser for the tests: one that is there, or one that a package manager of this system can bring.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { chromium } from "@playwright/test";

/** The path of a Chromium, or null. `CHROMIUM_PATH` names one. */
export function findChromium(): string | null {
  const named = process.env.CHROMIUM_PATH;
  if (named) return named;
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
  const candidates = [
    ...names.flatMap((name) => ["/usr/bin", ...folders].map((folder) => path.join(folder, name))),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    chromium.executablePath(), // Playwright's own, where it was installed
  ];
  return candidates.find((candidate) => existsSync(candidate)) ?? null;
}

/** How the tests start it. No sandbox, because they also run as root; nothing that calls home. */
export const chromiumLaunch = {
  executablePath: findChromium() ?? undefined,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

/** Installs one, from Debian's packages where that is possible, else from Playwright's. Says what it does. */
export function installChromium(say: (line: string) => void): string | null {
  const packaged = process.getuid?.() === 0 && isDebian();
  if (packaged) {
    say("installing Chromium from Debian's packages");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    run("apt-get", ["update", "-qq"], env);
    run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], env);
  }
  if (findChromium() === null) {
    say("installing Chromium with `npx playwright install chromium`");
    run("npx", ["playwright", "install", "chromium"], process.env);
  }
  return findChromium();
}

/** Ubuntu calls itself like Debian, but its `chromium` package is a door to another package system. */
function isDebian(): boolean {
  return existsSync("/etc/os-release") && /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));
}

function run(program: string, args: string[], env: NodeJS.ProcessEnv): void {
  spawnSync(program, args, { env, stdio: ["ignore", "inherit", "inherit"], shell: process.platform === "win32" });
}
