import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { defineConfig } from "@playwright/test";
import { chromiumLaunch } from "./e2e/harness/chromium.ts";

const ports = { PORT: "3900", GATEWAY_PORT: "3901", GATEWAY_ADMIN_PORT: "3902" };

// This file is read again by every test process; the directory is the first one's, and goes with it.
if (!process.env.E2E_DATA_DIR) {
  const dataDir = mkdtempSync(path.join(tmpdir(), "policylayer-e2e-"));
  process.env.E2E_DATA_DIR = dataDir;
  process.on("exit", () => rmSync(dataDir, { recursive: true, force: true }));
}

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "test-results",
  timeout: 60_000,
  expect: { timeout: 10_000 },
  // The tests share one installation.
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list"]],
  use: {
    baseURL: `http://127.0.0.1:${ports.PORT}`,
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: chromiumLaunch,
  },
  webServer: {
    command: "exec node setup.mjs start.ts",
    wait: { stdout: /PolicyLayer: ready in/ },
    timeout: 600_000, // with a build
    gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 },
    stdout: "pipe",
    env: {
      ...ports,
      DATA_DIR: process.env.E2E_DATA_DIR,
      POLICYLAYER_ENV_FILE: "",
      // Each test signs up for itself; all but the first organisation would not be allowed to register commands.
      ALLOW_STDIO: "1",
    },
  },
});
