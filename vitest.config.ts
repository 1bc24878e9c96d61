import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const exclude = ["**/node_modules/**", "**/.next/**", "**/.data/**", "dist/**"];
const integration = "**/*.integration.test.ts";

export default defineConfig({
  // The same alias as in tsconfig.json, for tests of app/ and components/.
  resolve: { alias: { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") } },
  test: {
    projects: [
      {
        extends: true,
        // Quick and alone: no network, no Postgres, no other process.
        test: {
          name: "unit",
          include: ["**/*.test.{ts,tsx}"],
          exclude: [...exclude, integration],
          environment: "node",
        },
      },
      {
        extends: true,
        // With a real Postgres (DATABASE_URL) and real processes.
        test: {
          name: "integration",
          include: [integration],
          exclude,
          environment: "node",
          globalSetup: "e2e/harness/integration-setup.ts",
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Tests start processes of their own and some measure time: more than two at once only makes them wait.
          maxWorkers: 2,
          sequence: { groupOrder: 1 }, // after the unit tests, when both are asked for
        },
      },
    ],
  },
});
