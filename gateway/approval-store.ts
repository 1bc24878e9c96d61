// Approvals in Postgres: each question to it is one statement, so that an approval is used once however many gateways run.
import pg from "pg";
import { severityOf } from "../catalog/schema.ts";
import { openApprovalArguments, sealApprovalArguments } from "../prisma/approval-arguments.ts";
import type { SecretKeys } from "../prisma/secrets.ts";
import type { Question } from "./approvals.ts";

/** What there is for a call. */
export type Found =
  | { kind: "used"; id: string; edited: string | null }
  | { kind: "denied"; id: string; reason: string | null }
  | { kind: "none" };

export type Parked =
  | { kind: "parked"; id: string; status: "pending"; expiresAt: Date; msLeft: number; isNew: boolean }
  /** Somebody has approved this very call in the meantime. */
  | { kind: "approved" }
  /** As many calls wait already as may. */
  | { kind: "full" };

/** How many calls may wait for a person at once. Beyond that nobody reads them anyway, and an agent in a loop is cut short. */
export const pendingMax = { ofGrant: 2_000, ofOrganisation: 10_000 };
/** For so long a refusal by a person answers the same call; after that it may be asked again. */
const deniedFor = "10 minutes";
/** A query that takes longer has failed: a call must not hang on it. */
const queryTimeoutMs = 4_000;
const turnTimeoutMs = 15_000;

export type ApprovalStore = {
  /** Uses an approval of this very call, or one for the session; tells of a person's refusal. */
  use(question: Question, callId: string): Promise<Found>;
  /** Asks for one, or joins those who ask for the same. @param heldMs For how long its client waits; 0: it does not. */
  park(question: Question, id: string, heldMs: number, isNewCall: boolean): Promise<Parked>;
  /** The call that used it was not made. */
  unuse(id: string, callId: string): Promise<void>;
  /** Nobody waits on an open request any more. */
  release(id: string): Promise<void>;
  /** Of these, those that do not wait any more, with what became of them. */
  settled(ids: readonly string[]): Promise<{ id: string; status: string }[]>;
  /** Ends what nobody decided or used in time, and what can no longer be used. */
  sweep(): Promise<void>;
  /** Tells the other gateways that a client does not want a call any more. */
  tellCancelled(payload: string): Promise<void>;
  close(): Promise<void>;
};

export function openApprovalStore(databaseUrl: string, keys: SecretKeys): ApprovalStore {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 6,
    // How long a query may wait for its turn, too: many calls may ask at once.
    connectionTimeoutMillis: turnTimeoutMs,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
    application_name: "policylayer gateway approvals",
  });
  // What is asked may be forgotten when Postgres crashes, and is then asked again; what was used must not be.
  const forgetful = new pg.Pool({ ...pool.options, options: "-c synchronous_commit=off" });
  for (const each of [pool, forgetful]) each.on("error", () => {}); // an idle connection broke: the next query opens another

  return {
    async use(question, callId) {
      const { binding, organisationId, grantId, serverId, tool, definitionHash, policyId, policyVersion } = question;
      const { rows } = await pool.query<{
        kind: string;
        id: string;
        sealedEdited: string | null;
        reason: string | null;
      }>(useStatement, [
        ...[binding, organisationId, callId, grantId, question.sessionTag],
        ...[clean(tool), serverId, definitionHash, policyId, policyVersion],
      ]);
      const [row] = rows;
      if (row === undefined) return { kind: "none" };
      if (row.kind === "denied") return { kind: "denied", id: row.id, reason: row.reason };
      if (row.sealedEdited === null) return { kind: "used", id: row.id, edited: null };
      const edited = openApprovalArguments(keys, row.sealedEdited, row.id);
      if (edited === null) throw new Error("the approver's arguments cannot be opened with this SECRET_KEY");
      return { kind: "used", id: row.id, edited };
    },
    async park(question, id, heldMs, isNewCall) {
      const { category } = question;
      const values = [
        ...[id, question.organisationId, question.serverId, question.grantId, question.sessionTag],
        ...[question.clientName === null ? null : clean(question.clientName), clean(question.tool), category],
        ...[severityOf[category], question.binding, question.argumentsDigest, question.definitionHash],
        ...[question.policyId, question.policyVersion, clean(question.rule), clean(question.message)],
        ...[question.argumentKeys.map(clean), sealApprovalArguments(keys, question.argumentsText, id)],
        ...[question.timeoutS, heldMs / 1_000, pendingMax.ofGrant, pendingMax.ofOrganisation],
        isNewCall ? 1 : 0,
      ];
      for (let again = false; ; again = true) {
        const { rows } = await forgetful.query<{ id: string; expiresAt: Date; msLeft: number; isNew: boolean }>(
          parkStatement,
          values,
        );
        if (rows[0] !== undefined) return { kind: "parked", status: "pending", ...rows[0] };
        // One of the same call that nobody decided in time is in the way, or there are too many.
        const { rowCount } = await pool.query(
          `UPDATE "Approval" SET "status" = 'expired', "heldUntil" = NULL
           WHERE "binding" = $1 AND "status" = 'pending' AND "expiresAt" <= now()`,
          [question.binding],
        );
        if (!again && rowCount !== 0) continue;
        const approved = await pool.query(`SELECT FROM "Approval" WHERE "binding" = $1 AND ${isUsable}`, [
          question.binding,
        ]);
        return { kind: approved.rowCount === 0 ? "full" : "approved" };
      }
    },
    async unuse(id, callId) {
      await pool.query(
        `UPDATE "Approval" SET "status" = 'approved', "usedAt" = NULL, "callId" = NULL
         WHERE "id" = $1 AND "callId" = $2 AND "status" = 'used'`,
        [id, callId],
      );
    },
    async release(id) {
      await forgetful.query(`UPDATE "Approval" SET "heldUntil" = NULL WHERE "id" = $1 AND "heldUntil" IS NOT NULL`, [
        id,
      ]);
    },
    async settled(ids) {
      const { rows } = await pool.query<{ id: string; status: string }>(
        `SELECT "id", "status" FROM "Approval" WHERE "id" = ANY ($1::uuid[]) AND "status" <> 'pending'`,
        [ids],
      );
      return rows;
    },
    async sweep() {
      await forgetful.query(expireStatement);
      await forgetful.query(voidStatement);
    },
    async tellCancelled(payload) {
      await pool.query("SELECT pg_notify('policylayer_cancelled', $1)", [payload]);
    },
    async close() {
      await Promise.race([
        Promise.all([pool.end(), forgetful.end()]),
        new Promise<void>((done) => setTimeout(done, 250).unref()),
      ]);
    },
  };
}

/** Postgres takes neither NUL nor half a surrogate pair in a text. */
function clean(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, "\uFFFD");
}

/** An approval for the session is not used up; one whose arguments the approver changed is for this call alone, whatever it says. */
const isUsable = `"status" = 'approved' AND "useBy" > now()
    AND ("scope" = 'call' OR "sessionTag" IS NULL OR "sealedEdited" IS NOT NULL)`;

// The row lock and the second look at the status make one gateway the only one that gets it. It waits for the lock: whoever holds
// it may be writing something else, and the approval must not look as if it were not there.
const useStatement = `
WITH one AS (
  SELECT "id" FROM "Approval"
  WHERE "binding" = $1 AND "organisationId" = $2 AND ${isUsable}
  ORDER BY "decidedAt" LIMIT 1 FOR UPDATE
), used AS (
  UPDATE "Approval" a SET "status" = 'used', "usedAt" = now(), "callId" = $3, "heldUntil" = NULL
  FROM one WHERE a."id" = one."id" AND a."status" = 'approved'
  RETURNING a."id", a."sealedEdited"
), session AS (
  UPDATE "Approval" a SET "usedAt" = now(), "callId" = $3, "heldUntil" = NULL
  WHERE NOT EXISTS (SELECT FROM used) AND a."id" = (
    SELECT "id" FROM "Approval"
    WHERE "organisationId" = $2 AND "grantId" = $4 AND "sessionTag" = $5 AND "tool" = $6 AND "serverId" = $7
      AND "definitionHash" IS NOT DISTINCT FROM $8 AND "policyId" = $9 AND "policyVersion" = $10
      AND "scope" = 'session' AND "status" = 'approved' AND "sessionUntil" > now() AND "sealedEdited" IS NULL
    ORDER BY "sessionUntil" DESC LIMIT 1
  ) AND a."status" = 'approved' AND a."sessionUntil" > now()
  RETURNING a."id"
), denied AS (
  SELECT "id", "reason" FROM "Approval"
  WHERE "binding" = $1 AND "organisationId" = $2 AND "status" = 'denied' AND "decidedAt" > now() - interval '${deniedFor}'
  ORDER BY "decidedAt" DESC LIMIT 1
)
SELECT 'used' AS "kind", "id", "sealedEdited", NULL AS "reason" FROM used
UNION ALL SELECT 'used', "id", NULL, NULL FROM session
UNION ALL SELECT 'denied', "id", NULL, "reason" FROM denied WHERE NOT EXISTS (SELECT FROM used) AND NOT EXISTS (SELECT FROM session)`;

const parkStatement = `
INSERT INTO "Approval" (
  "id", "organisationId", "serverId", "grantId", "sessionTag", "clientName", "tool", "category", "severity", "binding",
  "argumentsDigest", "definitionHash", "policyId", "policyVersion", "rule", "message", "argumentKeys", "sealedArguments",
  "expiresAt", "heldUntil"
)
SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6, $7::text, $8::text,
  coalesce((SELECT "severity" FROM "Tool" WHERE "serverId" = $3::uuid AND "name" = $7 AND "category" = $8), $9),
  $10::text, $11, $12, $13::uuid, $14::int, $15, $16, $17::text[], $18, now() + $19::float8 * interval '1 second',
  CASE WHEN $20::float8 > 0 THEN now() + $20::float8 * interval '1 second' END
WHERE NOT EXISTS (SELECT FROM "Approval" WHERE "binding" = $10 AND ${isUsable})
  AND (EXISTS (SELECT FROM "Approval" WHERE "binding" = $10 AND "status" = 'pending')
  OR ((SELECT count(*) FROM (SELECT FROM "Approval" WHERE "grantId" = $4::uuid AND "status" = 'pending' LIMIT $21::int) g) < $21::int
    AND (SELECT count(*) FROM (SELECT FROM "Approval" WHERE "organisationId" = $2::uuid AND "status" = 'pending' LIMIT $22::int) o) < $22::int))
ON CONFLICT ("binding") WHERE "status" = 'pending' DO UPDATE
  SET "attempts" = "Approval"."attempts" + $23::int, "heldUntil" = greatest("Approval"."heldUntil", excluded."heldUntil")
  WHERE "Approval"."expiresAt" > now()
RETURNING "id", "expiresAt", extract(epoch FROM "expiresAt" - now())::float8 * 1000 AS "msLeft", (xmax = 0) AS "isNew"`;

const expireStatement = `
UPDATE "Approval" SET "status" = 'expired', "heldUntil" = NULL
WHERE "id" IN (
  SELECT "id" FROM "Approval"
  WHERE ("status" = 'pending' AND "expiresAt" <= now())
    OR ("status" = 'approved' AND CASE WHEN "scope" = 'session' THEN coalesce("sessionUntil", "useBy") ELSE "useBy" END <= now())
  LIMIT 1000 FOR UPDATE SKIP LOCKED
)`;

/** Nobody should be asked about a call that could not be made any more. */
const voidStatement = `
UPDATE "Approval" SET "status" = 'cancelled', "heldUntil" = NULL, "reason" = 'What this call would be decided by has changed.'
WHERE "id" IN (
  SELECT a."id" FROM "Approval" a
  LEFT JOIN "Grant" g ON g."id" = a."grantId" AND g."revokedAt" IS NULL AND (g."expiresAt" IS NULL OR g."expiresAt" > now())
    AND g."policyId" = a."policyId" AND g."serverId" = a."serverId"
  LEFT JOIN "Policy" p ON p."id" = a."policyId" AND p."activeVersion" = a."policyVersion"
  LEFT JOIN "Tool" t ON t."serverId" = a."serverId" AND t."name" = a."tool"
  WHERE a."status" = 'pending'
    AND (g."id" IS NULL OR p."id" IS NULL OR t."definitionHash" IS DISTINCT FROM a."definitionHash")
  LIMIT 1000 FOR UPDATE OF a SKIP LOCKED
)`;
