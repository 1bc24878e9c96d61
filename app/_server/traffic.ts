// What was called, as a starting point for a policy: tools, and how quickly they were called at most.
import { decidedCodes } from "../../policy/backtest.ts";
import { database } from "../../prisma/client.ts";
import type { TrafficAnswer } from "../api/v1/schemas.ts";

const dayMs = 24 * 60 * 60 * 1_000;
/** Names are the callers' choice when a policy allows what its server does not list. */
const toolsMax = 2_000;

type ToolRow = TrafficAnswer["tools"][number];

/**
 * The calls of the last days that a policy decided, refused ones too: they were wanted. What was refused whatever the policy
 * says (an unknown tool, a freeze) is left out.
 *
 * The maxima are of calls that reached the server, and of one grant, because limits count by grant unless they say
 * otherwise. They are by minutes, hours and days of the clock (UTC): two busy minutes side by side may hold up to twice as
 * much in some sixty seconds.
 */
export async function readTraffic(serverId: string, days: number, to: Date): Promise<TrafficAnswer> {
  const from = new Date(to.getTime() - days * dayMs);
  const tools = await database().$queryRaw<ToolRow[]>`
    WITH by_minute AS (
      SELECT "tool", "grantId", date_trunc('minute', "at", 'UTC') AS "minute", count(*) AS "calls",
        count(*) FILTER (WHERE "code" = 'allowed' OR "wouldDeny") AS "passed"
      FROM "Call"
      WHERE "serverId" = ${serverId}::uuid AND "at" >= ${from}::timestamptz AND "at" < ${to}::timestamptz
        AND "tool" IS NOT NULL AND "code" = ANY(${[...decidedCodes]}::text[])
      GROUP BY 1, 2, 3
    ), by_hour AS (
      SELECT "tool", "grantId", date_trunc('hour', "minute", 'UTC') AS "hour", sum("passed") AS "passed"
      FROM by_minute GROUP BY 1, 2, 3
    ), by_day AS (
      SELECT "tool", sum("passed") AS "passed" FROM by_hour
      GROUP BY "tool", "grantId", date_trunc('day', "hour", 'UTC')
    ), hours AS (
      SELECT "tool", max("passed")::int AS "perHourMax" FROM by_hour GROUP BY 1
    ), days AS (
      SELECT "tool", max("passed")::int AS "perDayMax" FROM by_day GROUP BY 1
    )
    SELECT "tool", sum("calls")::int AS "calls", sum("calls" - "passed")::int AS "refused",
      max("passed")::int AS "perMinuteMax", "perHourMax", "perDayMax", count(DISTINCT "grantId")::int AS "grants"
    FROM by_minute JOIN hours USING ("tool") JOIN days USING ("tool")
    GROUP BY "tool", "perHourMax", "perDayMax" ORDER BY 2 DESC, 1 LIMIT ${toolsMax}`;
  const calls = tools.reduce((sum, tool) => sum + tool.calls, 0);
  return { from: from.toISOString(), to: to.toISOString(), calls, tools };
}
