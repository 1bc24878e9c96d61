// The worker of this web process.
import { approvalHub } from "../approvals/hub.ts";
import { type DeliveryWorker, startDeliveryWorker } from "./worker.ts";

const shared = globalThis as typeof globalThis & { policylayerDeliveryWorker?: DeliveryWorker };

/** Once in a process, however often it is asked for. */
export function startDeliveries(): void {
  if (!process.env.DATABASE_URL || shared.policylayerDeliveryWorker) return;
  const worker = startDeliveryWorker();
  shared.policylayerDeliveryWorker = worker;
  approvalHub().subscribeToAll(() => worker.wake());
}
