// For tests: calls as a gateway would have recorded them.
import { randomUUID } from "node:crypto";
import { idFloor } from "../../prisma/call-partitions.ts";

/** An id of version 7 of that time; of one time, in no order. */
export function callId(at: Date): string {
  return `${idFloor(at).slice(0, 14)}7${randomUUID().slice(15)}`;
}
