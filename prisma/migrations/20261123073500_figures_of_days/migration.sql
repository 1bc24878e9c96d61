-- A month of figures read 720 hours of each; by days it is 30. And which rules refuse is mostly asked of all grants together.

ALTER TABLE "CallHour" RENAME TO "CallCount";
ALTER TABLE "CallCount" RENAME COLUMN "hour" TO "at";
ALTER TABLE "CallCount" ADD COLUMN "hours" SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE "CallCount" ALTER COLUMN "hours" DROP DEFAULT;
ALTER TABLE "CallCount" DROP CONSTRAINT "CallHour_pkey",
    ADD CONSTRAINT "CallCount_pkey" PRIMARY KEY ("organisationId", "hours", "at", "serverId", "grantId", "code");
ALTER TABLE "CallLatency" RENAME COLUMN "hour" TO "at";
ALTER TABLE "CallLatency" ADD COLUMN "hours" SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE "CallLatency" ALTER COLUMN "hours" DROP DEFAULT;
ALTER TABLE "CallLatency" DROP CONSTRAINT "CallLatency_pkey",
    ADD CONSTRAINT "CallLatency_pkey" PRIMARY KEY ("organisationId", "hours", "at", "serverId", "bucket");

CREATE OR REPLACE FUNCTION "Call_roll_up_inserted"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    nil CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    INSERT INTO "CallCount" AS h (
        "organisationId", "hours", "at", "serverId", "grantId", "code", "calls", "trials",
        "answered", "toolErrors", "upstreamErrors", "notSent", "unknown"
    )
    SELECT "organisationId", w."hours", date_trunc(w."unit", "at", 'UTC'), "serverId", coalesce("grantId", nil), "code", count(*),
        count(*) FILTER (WHERE "wouldDeny"), count(*) FILTER (WHERE "outcome" = 'answered'),
        count(*) FILTER (WHERE "outcome" = 'tool_error'), count(*) FILTER (WHERE "outcome" = 'upstream_error'),
        count(*) FILTER (WHERE "outcome" = 'not_sent'), count(*) FILTER (WHERE "outcome" = 'unknown')
    FROM added CROSS JOIN (VALUES (1::smallint, 'hour'), (24::smallint, 'day')) w("hours", "unit")
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT ("organisationId", "hours", "at", "serverId", "grantId", "code") DO UPDATE SET
        "calls" = h."calls" + excluded."calls", "trials" = h."trials" + excluded."trials",
        "answered" = h."answered" + excluded."answered", "toolErrors" = h."toolErrors" + excluded."toolErrors",
        "upstreamErrors" = h."upstreamErrors" + excluded."upstreamErrors", "notSent" = h."notSent" + excluded."notSent",
        "unknown" = h."unknown" + excluded."unknown";

    INSERT INTO "CallTool" AS t (
        "organisationId", "hours", "at", "serverId", "grantId", "tool", "calls", "refused", "asked", "errors"
    )
    SELECT "organisationId", w."hours", date_trunc(w."unit", "at", 'UTC'), "serverId", coalesce("grantId", nil),
        CASE WHEN "code" = 'unknown_tool' THEN '' ELSE left(coalesce("tool", ''), 256) END, count(*),
        count(*) FILTER (WHERE "code" NOT IN ('allowed', 'approval_required') AND NOT "wouldDeny"),
        count(*) FILTER (WHERE "code" = 'approval_required' AND NOT "wouldDeny"),
        count(*) FILTER (WHERE "outcome" IN ('tool_error', 'upstream_error'))
    FROM added CROSS JOIN (VALUES (1::smallint, 'hour'), (24::smallint, 'day')) w("hours", "unit")
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT ("organisationId", "hours", "at", "serverId", "grantId", "tool") DO UPDATE SET
        "calls" = t."calls" + excluded."calls", "refused" = t."refused" + excluded."refused",
        "asked" = t."asked" + excluded."asked", "errors" = t."errors" + excluded."errors";

    INSERT INTO "CallRule" AS r (
        "organisationId", "hours", "at", "serverId", "grantId", "policyId", "code", "rule", "calls"
    )
    SELECT "organisationId", w."hours", date_trunc(w."unit", "at", 'UTC'), "serverId", g."id",
        coalesce("policyId", nil), "code", left("rule", 300), count(*)
    FROM added CROSS JOIN LATERAL (VALUES (nil), ("grantId")) g("id")
    CROSS JOIN (VALUES (1::smallint, 'hour'), (24::smallint, 'day')) w("hours", "unit")
    WHERE "code" <> 'allowed' AND g."id" IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT ("organisationId", "hours", "at", "serverId", "grantId", "policyId", "code", "rule") DO UPDATE SET
        "calls" = r."calls" + excluded."calls";

    INSERT INTO "CallLatency" AS l ("organisationId", "hours", "at", "serverId", "bucket", "gateway", "upstream")
    SELECT "organisationId", w."hours", date_trunc(w."unit", "at", 'UTC'), "serverId", "Call_bucket"(m."ms"), sum(m."gateway"), sum(m."upstream")
    FROM added CROSS JOIN LATERAL (VALUES ("gatewayMs", 1, 0), ("upstreamMs", 0, 1)) m("ms", "gateway", "upstream")
    CROSS JOIN (VALUES (1::smallint, 'hour'), (24::smallint, 'day')) w("hours", "unit")
    WHERE m."ms" IS NOT NULL
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

INSERT INTO "CallCount" (
    "organisationId", "hours", "at", "serverId", "grantId", "code", "calls", "trials",
    "answered", "toolErrors", "upstreamErrors", "notSent", "unknown"
)
SELECT "organisationId", 24, date_trunc('day', "at", 'UTC'), "serverId", "grantId", "code", sum("calls"), sum("trials"),
    sum("answered"), sum("toolErrors"), sum("upstreamErrors"), sum("notSent"), sum("unknown")
FROM "CallCount" GROUP BY 1, 2, 3, 4, 5, 6;
INSERT INTO "CallLatency" ("organisationId", "hours", "at", "serverId", "bucket", "gateway", "upstream")
SELECT "organisationId", 24, date_trunc('day', "at", 'UTC'), "serverId", "bucket", sum("gateway"), sum("upstream")
FROM "CallLatency" GROUP BY 1, 2, 3, 4, 5;
-- Rows of calls without a grant are those of all grants from now on.
INSERT INTO "CallRule" AS r (
    "organisationId", "hours", "at", "serverId", "grantId", "policyId", "code", "rule", "calls"
)
SELECT "organisationId", "hours", "at", "serverId", '00000000-0000-0000-0000-000000000000', "policyId", "code", "rule", sum("calls")
FROM "CallRule" WHERE "grantId" <> '00000000-0000-0000-0000-000000000000' GROUP BY 1, 2, 3, 4, 6, 7, 8
ON CONFLICT ("organisationId", "hours", "at", "serverId", "grantId", "policyId", "code", "rule") DO UPDATE SET
    "calls" = r."calls" + excluded."calls";
