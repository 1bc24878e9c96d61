-- A batch of calls was sorted twice over for each of four figures, once for its hours and once for its days; now it is counted by
-- hours, and what is left of it, a row or two, by days. A third of the time that the record of a call takes was this.
CREATE OR REPLACE FUNCTION "Call_roll_up_inserted"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    nil CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    WITH hours AS MATERIALIZED (
        SELECT "organisationId", date_trunc('hour', "at", 'UTC') AS "at", "serverId", coalesce("grantId", nil) AS "grantId", "code",
            count(*) AS "calls", count(*) FILTER (WHERE "wouldDeny") AS "trials",
            count(*) FILTER (WHERE "outcome" = 'answered') AS "answered",
            count(*) FILTER (WHERE "outcome" = 'tool_error') AS "toolErrors",
            count(*) FILTER (WHERE "outcome" = 'upstream_error') AS "upstreamErrors",
            count(*) FILTER (WHERE "outcome" = 'not_sent') AS "notSent", count(*) FILTER (WHERE "outcome" = 'unknown') AS "unknown"
        FROM added GROUP BY 1, 2, 3, 4, 5
    )
    INSERT INTO "CallCount" AS h (
        "organisationId", "hours", "at", "serverId", "grantId", "code", "calls", "trials",
        "answered", "toolErrors", "upstreamErrors", "notSent", "unknown"
    )
    SELECT "organisationId", w."hours", date_trunc(w."unit", "at", 'UTC'), "serverId", "grantId", "code", sum("calls"), sum("trials"),
        sum("answered"), sum("toolErrors"), sum("upstreamErrors"), sum("notSent"), sum("unknown")
    FROM hours CROSS JOIN (VALUES (1::smallint, 'hour'), (24::smallint, 'day')) w("hours", "unit")
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT ("organisationId", "hours", "at", "serverId", "grantId", "code") DO UPDATE SET
        "calls" = h."calls" + excluded."calls", "trials" = h."trials" + excluded."trials",
        "answered" = h."answered" + excluded."answered", "toolErrors" = h."toolErrors" + excluded."toolErrors",
        "upstreamErrors" = h."upstreamErrors" + excluded."upstreamErrors", "notSent" = h."notSent" + excluded."notSent",
        "unknown" = h."unknown" + excluded."unknown";

    WITH hours AS MATERIALIZED (
        SELECT "organisationId", date_trunc('hour', "at", 'UTC') AS "at", "serverId", coalesce("grantId", nil) AS "grantId",
            CASE WHEN "code" = 'unknown_tool' THEN '' ELSE left(coalesce("tool", ''), 256) END AS "tool", count(*) AS "calls",
            count(*) FILTER (WHERE "code" NOT IN ('allowed', 'approval_required') AND NOT "wouldDeny") AS "refused",
            count(*) FILTER (WHERE "code" = 'approval_required' AND NOT "wouldDeny") AS "asked",
            count(*) FILTER (WHERE "outcome" IN ('tool_error', 'upstream_error')) AS "errors"
        FROM added GROUP BY 1, 2, 3, 4, 5
    )
    INSERT INTO "CallTool" AS t (
        "organisationId", "hours", "at", "serverId", "grantId", "tool", "calls", "refused", "asked", "errors"
    )
    SELECT "organisationId", w."hours", date_trunc(w."unit", "at", 'UTC'), "serverId", "grantId", "tool",
        sum("calls"), sum("refused"), sum("asked"), sum("errors")
    FROM hours CROSS JOIN (VALUES (1::smallint, 'hour'), (24::smallint, 'day')) w("hours", "unit")
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT ("organisationId", "hours", "at", "serverId", "grantId", "tool") DO UPDATE SET
        "calls" = t."calls" + excluded."calls", "refused" = t."refused" + excluded."refused",
        "asked" = t."asked" + excluded."asked", "errors" = t."errors" + excluded."errors";

    WITH hours AS MATERIALIZED (
        SELECT "organisationId", date_trunc('hour', "at", 'UTC') AS "at", "serverId", "grantId",
            coalesce("policyId", nil) AS "policyId", "code", left("rule", 300) AS "rule", count(*) AS "calls"
        FROM added WHERE "code" <> 'allowed' GROUP BY 1, 2, 3, 4, 5, 6, 7
    )
    INSERT INTO "CallRule" AS r (
        "organisationId", "hours", "at", "serverId", "grantId", "policyId", "code", "rule", "calls"
    )
    SELECT "organisationId", w."hours", date_trunc(w."unit", "at", 'UTC'), "serverId", g."id", "policyId", "code", "rule", sum("calls")
    FROM hours CROSS JOIN LATERAL (VALUES (nil), ("grantId")) g("id")
    CROSS JOIN (VALUES (1::smallint, 'hour'), (24::smallint, 'day')) w("hours", "unit")
    WHERE g."id" IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT ("organisationId", "hours", "at", "serverId", "grantId", "policyId", "code", "rule") DO UPDATE SET
        "calls" = r."calls" + excluded."calls";

    WITH hours AS MATERIALIZED (
        SELECT "organisationId", date_trunc('hour', "at", 'UTC') AS "at", "serverId", "Call_bucket"(m."ms") AS "bucket",
            sum(m."gateway") AS "gateway", sum(m."upstream") AS "upstream"
        FROM added CROSS JOIN LATERAL (VALUES ("gatewayMs", 1, 0), ("upstreamMs", 0, 1)) m("ms", "gateway", "upstream")
        WHERE m."ms" IS NOT NULL GROUP BY 1, 2, 3, 4
    )
    INSERT INTO "CallLatency" AS l ("organisationId", "hours", "at", "serverId", "bucket", "gateway", "upstream")
    SELECT "organisationId", w."hours", date_trunc(w."unit", "at", 'UTC'), "serverId", "bucket", sum("gateway"), sum("upstream")
    FROM hours CROSS JOIN (VALUES (1::smallint, 'hour'), (24::smallint, 'day')) w("hours", "unit")
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT ("organisationId", "hours", "at", "serverId", "bucket") DO UPDATE SET
        "gateway" = l."gateway" + excluded."gateway", "upstream" = l."upstream" + excluded."upstream";

    PERFORM pg_notify('policylayer_calls', "organisationId"::text) FROM (SELECT DISTINCT "organisationId" FROM added) o;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION "Call_roll_up_updated"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    nil CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    -- Most batches hold a call together with what came of it, and change no call that was there.
    IF NOT EXISTS (SELECT FROM after) THEN RETURN NULL; END IF;

    INSERT INTO "CallCount" AS h (
        "organisationId", "hours", "at", "serverId", "grantId", "code", "calls", "trials",
        "answered", "toolErrors", "upstreamErrors", "notSent", "unknown"
    )
    SELECT "organisationId", w."hours", date_trunc(w."unit", "at", 'UTC'), "serverId", coalesce("grantId", nil), "code", 0, 0,
        coalesce(sum(n) FILTER (WHERE "outcome" = 'answered'), 0), coalesce(sum(n) FILTER (WHERE "outcome" = 'tool_error'), 0),
        coalesce(sum(n) FILTER (WHERE "outcome" = 'upstream_error'), 0),
        coalesce(sum(n) FILTER (WHERE "outcome" = 'not_sent'), 0), coalesce(sum(n) FILTER (WHERE "outcome" = 'unknown'), 0)
    FROM (SELECT 1 AS n, * FROM after UNION ALL SELECT -1, * FROM before) changed
    CROSS JOIN (VALUES (1::smallint, 'hour'), (24::smallint, 'day')) w("hours", "unit")
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT ("organisationId", "hours", "at", "serverId", "grantId", "code") DO UPDATE SET
        "answered" = h."answered" + excluded."answered", "toolErrors" = h."toolErrors" + excluded."toolErrors",
        "upstreamErrors" = h."upstreamErrors" + excluded."upstreamErrors", "notSent" = h."notSent" + excluded."notSent",
        "unknown" = h."unknown" + excluded."unknown";

    INSERT INTO "CallTool" AS t (
        "organisationId", "hours", "at", "serverId", "grantId", "tool", "calls", "refused", "asked", "errors"
    )
    SELECT "organisationId", w."hours", date_trunc(w."unit", "at", 'UTC'), "serverId", coalesce("grantId", nil),
        CASE WHEN "code" = 'unknown_tool' THEN '' ELSE left(coalesce("tool", ''), 256) END, 0, 0, 0, sum(n)
    FROM (SELECT 1 AS n, * FROM after UNION ALL SELECT -1, * FROM before) changed
    CROSS JOIN (VALUES (1::smallint, 'hour'), (24::smallint, 'day')) w("hours", "unit")
    WHERE "outcome" IN ('tool_error', 'upstream_error')
    GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT ("organisationId", "hours", "at", "serverId", "grantId", "tool") DO UPDATE SET
        "errors" = t."errors" + excluded."errors";

    INSERT INTO "CallLatency" AS l ("organisationId", "hours", "at", "serverId", "bucket", "gateway", "upstream")
    SELECT "organisationId", w."hours", date_trunc(w."unit", "at", 'UTC'), "serverId", "Call_bucket"(m."ms"),
        sum(n * m."gateway"), sum(n * m."upstream")
    FROM (SELECT 1 AS n, * FROM after UNION ALL SELECT -1, * FROM before) changed
    CROSS JOIN LATERAL (VALUES ("gatewayMs", 1, 0), ("upstreamMs", 0, 1)) m("ms", "gateway", "upstream")
    CROSS JOIN (VALUES (1::smallint, 'hour'), (24::smallint, 'day')) w("hours", "unit")
    WHERE m."ms" IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(n * m."gateway") <> 0 OR sum(n * m."upstream") <> 0 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT ("organisationId", "hours", "at", "serverId", "bucket") DO UPDATE SET
        "gateway" = l."gateway" + excluded."gateway", "upstream" = l."upstream" + excluded."upstream";

    PERFORM pg_notify('policylayer_calls', "organisationId"::text) FROM (SELECT DISTINCT "organisationId" FROM after) o;
    RETURN NULL;
END
$$;
