// For tests: calls as a gateway would have recorded them.
import { randomUUID } from "node:crypto";
import { idFloor } from "../../prisma/call-partitions.ts";
import type { Prisma } from "../../prisma/client.ts";

/** An id of version 7 of that time; of one time, in no order. */
export function callId(at: Date): string {
  return `${idFloor(at).slice(0, 14)}7${randomUUID().slice(15)}`;
}

export type MadeCall = Prisma.CallCreateManyInput & { at: Date };

/** A call that was allowed and answered, unless something else is said. */
export function madeCall(change: Partial<MadeCall> & { organisationId: string; serverId: string; at: Date }): MadeCall {
  return {
    id: callId(change.at),
    method: "tools/call",
    tool: "vm_create",
    code: "allowed",
    rule: "/tools/vm_create",
    message: "",
    argumentKeys: [],
    outcome: "answered",
    ...change,
  };
}
