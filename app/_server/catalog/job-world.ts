// The job runner of this web process, with the gateways and the catalog as its world.
import { askForHarvest, askForRegistryPage } from "./gateway-harvest.ts";
import { type JobRunner, startJobRunner } from "./job-runner.ts";
import { recordHarvest } from "./record.ts";
import { importRegistryEntries } from "./registry.ts";

const shared = globalThis as typeof globalThis & { policylayerJobRunner?: JobRunner };

/** Once in a process, however often it is asked for. */
export function startJobs(): void {
  const databaseUrl = process.env.DATABASE_URL;
  if (!databaseUrl) return;
  shared.policylayerJobRunner ??= startJobRunner({
    databaseUrl,
    world: {
      harvest: askForHarvest,
      readRegistry: askForRegistryPage,
      recordHarvest,
      importEntries: importRegistryEntries,
    },
  });
}
