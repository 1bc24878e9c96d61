import { processIo } from "./io.ts";
import { run } from "./run.ts";

/** Runs the command as this process. */
export async function main(version: string): Promise<void> {
  process.exitCode = await run(process.argv.slice(2), processIo(), version);
}
