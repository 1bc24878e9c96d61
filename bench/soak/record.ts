// Compares what callers were answered with what is on record.
import type pg from "pg";

/** What stands on record of a call that was answered so. */
const recordedAs: Record<string, string> = { result: "allowed answered", tool_error: "allowed tool_error" };

/**
 * @param calls How many calls were sent; each has its number in its trace context.
 * @param answers How many of each kind were answered how, as the callers counted.
 */
export async function checkRecord(
  client: pg.Client,
  { calls, answers }: { calls: number; answers: ReadonlyMap<string, number> },
): Promise<{ isRight: boolean; lines: string[] }> {
  const { rows: totals } = await client.query<{ rows: string; calls: string; pending: string }>(
    `SELECT count(*) AS "rows", count(DISTINCT "traceparent") AS "calls", count(*) FILTER (WHERE "outcome" = 'pending') AS "pending"
     FROM "Call" WHERE "method" = 'tools/call'`,
  );
  const { rows: found } = await client.query<{ how: string; count: string }>(
    `SELECT "code" || ' ' || "outcome" AS "how", count(*) AS "count" FROM "Call" WHERE "method" = 'tools/call' GROUP BY 1`,
  );
  const sent = new Map<string, number>();
  for (const [key, count] of answers) {
    const answer = key.slice(key.indexOf(" ") + 1);
    const how = recordedAs[answer] ?? `${answer} none`;
    sent.set(how, (sent.get(how) ?? 0) + count);
  }
  const recorded = new Map(found.map(({ how, count }) => [how, Number(count)]));
  const total = { rows: Number(totals[0]?.rows), calls: Number(totals[0]?.calls), pending: Number(totals[0]?.pending) };
  const lines = [
    `on record: ${total.rows} rows of ${total.calls} calls, ${calls} were sent, ${total.pending} without an outcome`,
  ];
  let isRight = total.rows === calls && total.calls === calls && total.pending === 0;
  for (const how of new Set([...sent.keys(), ...recorded.keys()])) {
    const [answered, kept] = [sent.get(how) ?? 0, recorded.get(how) ?? 0];
    if (answered !== kept) lines.push(`${how}: ${answered} answered, ${kept} on record`);
    isRight &&= answered === kept;
  }
  return { isRight, lines };
}
