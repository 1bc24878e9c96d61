// When a change is in force: what was written is enforced once the gateway has acknowledged it.
import { setTimeout as sleep } from "node:timers/promises";
import type { TestHouse } from "./house.ts";

/**
 * Waits until the gateway that was heard of last enforces an epoch.
 *
 * @param epoch The newest when left out.
 * @throws Error after 10 s.
 */
export async function enforced(house: TestHouse, epoch?: bigint): Promise<void> {
  const wanted = epoch ?? (await house.client.query('SELECT "epoch" FROM "ConfigEpoch"')).rows[0].epoch;
  for (let i = 0; i < 1_000; i += 1) {
    const { rows } = await house.client.query(
      'SELECT g."epoch" >= $1::bigint AS "live" FROM "Gateway" g ORDER BY "seenAt" DESC LIMIT 1',
      [String(wanted)],
    );
    if (rows[0]?.live) return;
    await sleep(10);
  }
  throw new Error("the gateway did not acknowledge the change");
}
