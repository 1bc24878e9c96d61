// A person's answer to a call that waits, written as the dashboard writes it: one statement, from the database's side. For tests
// of a gateway alone.
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { sealApprovalArguments } from "../../prisma/approval-arguments.ts";
import { readSecretKeys } from "../../prisma/secrets.ts";
import { testSecretKey } from "./processes.ts";

export type Answer = {
  approve: boolean;
  reason?: string;
  /** The approver's arguments in place of the caller's. */
  arguments?: string;
  /** For so many minutes: any arguments of this tool in this session. */
  sessionMinutes?: number;
};

/** @returns Whether it was this answer that decided. */
export async function decideApproval(client: pg.Client, id: string, answer: Answer): Promise<boolean> {
  const keys = readSecretKeys(testSecretKey);
  const edited = answer.arguments === undefined ? null : sealApprovalArguments(keys, answer.arguments, id);
  const { rowCount } = await client.query(
    `UPDATE "Approval" SET "status" = $2, "decidedAt" = now(), "reason" = $3, "sealedEdited" = $4,
       "useBy" = now() + interval '10 minutes', "scope" = CASE WHEN $5::int IS NULL THEN 'call' ELSE 'session' END,
       "sessionUntil" = now() + $5::int * interval '1 minute'
     WHERE "id" = $1 AND "status" = 'pending' AND "expiresAt" > now()`,
    [id, answer.approve ? "approved" : "denied", answer.reason ?? null, edited, answer.sessionMinutes ?? null],
  );
  return rowCount === 1;
}

export type ApprovalRow = {
  id: string;
  status: string;
  attempts: number;
  heldUntil: Date | null;
  callId: string | null;
};

export async function approvalsOf(client: pg.Client, grantId: string): Promise<ApprovalRow[]> {
  const { rows } = await client.query<ApprovalRow>('SELECT * FROM "Approval" WHERE "grantId" = $1 ORDER BY "id"', [
    grantId,
  ]);
  return rows;
}

/** Waits for the call that nobody has decided yet. */
export async function pendingApproval(client: pg.Client, grantId: string): Promise<string> {
  for (let i = 0; i < 500; i += 1) {
    const pending = (await approvalsOf(client, grantId)).find(({ status }) => status === "pending");
    if (pending) return pending.id;
    await sleep(20);
  }
  throw new Error("no call waits for a person");
}
