// What every hostile test stands on: a real gateway, canaries behind it, and grants that are held to the law.
import { freshDatabase } from "../harness/database.ts";
import { type GrantRow, openHouse, type TestHouse } from "../harness/house.ts";
import { enforced } from "../harness/live.ts";
import { type RunningGateway, startGateway } from "../harness/processes.ts";
import { type Canary, openCanary } from "./canary.ts";
import { law, tools } from "./law.ts";
import { type MemoryWatch, watchMemory } from "./memory.ts";

export type Guarded = { canary: Canary; serverId: string; grant: GrantRow };

export type Stage = {
  house: TestHouse;
  gateway: RunningGateway;
  port: number;
  memory: MemoryWatch;
  /** A canary of one's own behind the gateway, and a grant for it. */
  guard(canary?: Canary, house?: TestHouse): Promise<Guarded>;
  /** Another organisation on the same gateway. */
  neighbour(): Promise<TestHouse>;
  /** Whether it is the process that was started, and it works. */
  isAlive(): Promise<boolean>;
  close(): Promise<void>;
};

/** Above this a gateway under attack takes more than its share. It stands at about 150 MB when it has done nothing yet. */
export const memoryMbMax = 600;

export async function openStage(): Promise<Stage> {
  const database = await freshDatabase();
  const house = await openHouse(database.url);
  const gateway = await startGateway({ databaseUrl: database.url, env: { LOG_LEVEL: "warn" } });
  const memory = watchMemory(gateway.process.pid ?? 0);
  const canaries: Canary[] = [];
  const houses = [house];
  return {
    house,
    gateway,
    port: Number(new URL(gateway.url).port),
    memory,
    async guard(canary, owner = house) {
      const behind = canary ?? (await openCanary());
      canaries.push(behind);
      const serverId = await owner.addServer({ url: behind.url, headers: { "X-Owner": "owner" }, tools });
      const grant = await owner.addGrant(serverId, await owner.addPolicy(serverId, law));
      await enforced(house);
      return { canary: behind, serverId, grant };
    },
    async neighbour() {
      const other = await openHouse(database.url);
      houses.push(other);
      return other;
    },
    async isAlive() {
      const { exitCode, signalCode } = gateway.process;
      if (exitCode !== null || signalCode !== null) return false;
      return fetch(`${gateway.adminUrl}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    },
    async close() {
      memory.stop();
      await gateway.stop();
      for (const canary of canaries) canary.close();
      for (const one of houses) await one.close();
      await database.drop();
    },
  };
}
