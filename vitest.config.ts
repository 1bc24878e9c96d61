import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const exclude = ["**/node_modules/**", "**/.next/**", "**/.data/**", "dist/**"];
const integration = "**/*.integration.test.ts";
// Long ones with a stage and a summary of their own.
const conformance = "e2e/conformance/**/*.integration.test.ts";
const hostile = "e2e/hostile/**/*.integration.test.ts";

const withPostgres = {
  exclude,
  environment: "node",
  globalSetup: "e2e/harness/integration-setup.ts",
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // Tests start processes of their own and some measure time: more than two at once only makes them wait.
  maxWorkers: 2,
} as const;

export default defineConfig({
  // The same alias as in tsconfig.json, for tests of app/ and components/.
  resolve: { alias: { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") } },
  test: {
    // What is waited for comes in milliseconds; the second that vitest waits by itself is too short for a busy machine's fsync.
    // A promise about time says its own figure.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        // Quick and alone: no network, no Postgres, no other process.
        test: {
          name: "unit",
          include: ["**/*.test.{ts,tsx}"],
          exclude: [...exclude, integration],
          environment: "node",
          // Some try hundreds of cases, and wait for a disk: how long that takes is no promise.
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        // With a real Postgres (DATABASE_URL) and real processes.
        test: {
          ...withPostgres,
          name: "integration",
          include: [integration],
          exclude: [...exclude, conformance, hostile],
          sequence: { groupOrder: 1 }, // after the unit tests, when both are asked for
        },
      },
      {
        extends: true,
        // The official suite, straight and through the gateway.
        test: { ...withPostgres, name: "conformance", include: [conformance], sequence: { groupOrder: 2 } },
      },
      {
        extends: true,
        // A hostile agent, a hostile server, a hostile neighbour.
        test: { ...withPostgres, name: "hostile", include: [hostile], sequence: { groupOrder: 3 } },
      },
    ],
  },
});
