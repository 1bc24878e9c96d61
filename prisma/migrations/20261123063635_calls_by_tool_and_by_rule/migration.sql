-- What was called and what refused it are two questions: apart, they are a tenth of the rows that both together were.

-- CreateTable
CREATE TABLE "CallTool" (
    "organisationId" UUID NOT NULL,
    "hours" SMALLINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "serverId" UUID NOT NULL,
    "grantId" UUID NOT NULL,
    "tool" TEXT NOT NULL,
    "calls" INTEGER NOT NULL,
    "refused" INTEGER NOT NULL,
    "asked" INTEGER NOT NULL,
    "errors" INTEGER NOT NULL,

    CONSTRAINT "CallTool_pkey" PRIMARY KEY ("organisationId","hours","at","serverId","grantId","tool")
);

-- CreateTable
CREATE TABLE "CallRule" (
    "organisationId" UUID NOT NULL,
    "hours" SMALLINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "serverId" UUID NOT NULL,
    "grantId" UUID NOT NULL,
    "policyId" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "rule" TEXT NOT NULL,
    "calls" INTEGER NOT NULL,

    CONSTRAINT "CallRule_pkey" PRIMARY KEY ("organisationId","hours","at","serverId","grantId","policyId","code","rule")
);

ALTER TABLE "CallTool" SET (fillfactor = 60);
ALTER TABLE "CallRule" SET (fillfactor = 60);

CREATE OR REPLACE FUNCTION "Call_roll_up_inserted"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    nil CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    INSERT INTO "CallHour" AS h (
        "organisationId", "hour", "serverId", "grantId", "code", "calls", "trials",
        "answered", "toolErrors", "upstreamErrors", "notSent", "unknown"
    )
    SELECT "organisationId", date_trunc('hour', "at", 'UTC'), "serverId", coalesce("grantId", nil), "code", count(*),
        count(*) FILTER (WHERE "wouldDeny"), count(*) FILTER (WHERE "outcome" = 'answered'),
        count(*) FILTER (WHERE "outcome" = 'tool_error'), count(*) FILTER (WHERE "outcome" = 'upstream_error'),
        count(*) FILTER (WHERE "outcome" = 'not_sent'), count(*) FILTER (WHERE "outcome" = 'unknown')
    FROM added GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT ("organisationId", "hour", "serverId", "grantId", "code") DO UPDATE SET
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
    SELECT "organisationId", w."hours", date_trunc(w."unit", "at", 'UTC'), "serverId", coalesce("grantId", nil),
        coalesce("policyId", nil), "code", left("rule", 300), count(*)
    FROM added CROSS JOIN (VALUES (1::smallint, 'hour'), (24::smallint, 'day')) w("hours", "unit")
    WHERE "code" <> 'allowed'
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT ("organisationId", "hours", "at", "serverId", "grantId", "policyId", "code", "rule") DO UPDATE SET
        "calls" = r."calls" + excluded."calls";

    INSERT INTO "CallLatency" AS l ("organisationId", "hour", "serverId", "bucket", "gateway", "upstream")
    SELECT "organisationId", date_trunc('hour', "at", 'UTC'), "serverId", "Call_bucket"(m."ms"), sum(m."gateway"), sum(m."upstream")
    FROM added CROSS JOIN LATERAL (VALUES ("gatewayMs", 1, 0), ("upstreamMs", 0, 1)) m("ms", "gateway", "upstream")
    WHERE m."ms" IS NOT NULL
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT ("organisationId", "hour", "serverId", "bucket") DO UPDATE SET
        "gateway" = l."gateway" + excluded."gateway", "upstream" = l."upstream" + excluded."upstream";

    PERFORM pg_notify('policylayer_calls', "organisationId"::text) FROM (SELECT DISTINCT "organisationId" FROM added) o;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION "Call_roll_up_updated"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    nil CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    INSERT INTO "CallHour" AS h (
        "organisationId", "hour", "serverId", "grantId", "code", "calls", "trials",
        "answered", "toolErrors", "upstreamErrors", "notSent", "unknown"
    )
    SELECT "organisationId", date_trunc('hour', "at", 'UTC'), "serverId", coalesce("grantId", nil), "code", 0, 0,
        coalesce(sum(n) FILTER (WHERE "outcome" = 'answered'), 0), coalesce(sum(n) FILTER (WHERE "outcome" = 'tool_error'), 0),
        coalesce(sum(n) FILTER (WHERE "outcome" = 'upstream_error'), 0),
        coalesce(sum(n) FILTER (WHERE "outcome" = 'not_sent'), 0), coalesce(sum(n) FILTER (WHERE "outcome" = 'unknown'), 0)
    FROM (SELECT 1 AS n, * FROM after UNION ALL SELECT -1, * FROM before) changed
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT ("organisationId", "hour", "serverId", "grantId", "code") DO UPDATE SET
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

    INSERT INTO "CallLatency" AS l ("organisationId", "hour", "serverId", "bucket", "gateway", "upstream")
    SELECT "organisationId", date_trunc('hour', "at", 'UTC'), "serverId", "Call_bucket"(m."ms"),
        sum(n * m."gateway"), sum(n * m."upstream")
    FROM (SELECT 1 AS n, * FROM after UNION ALL SELECT -1, * FROM before) changed
    CROSS JOIN LATERAL (VALUES ("gatewayMs", 1, 0), ("upstreamMs", 0, 1)) m("ms", "gateway", "upstream")
    WHERE m."ms" IS NOT NULL
    GROUP BY 1, 2, 3, 4 HAVING sum(n * m."gateway") <> 0 OR sum(n * m."upstream") <> 0 ORDER BY 1, 2, 3, 4
    ON CONFLICT ("organisationId", "hour", "serverId", "bucket") DO UPDATE SET
        "gateway" = l."gateway" + excluded."gateway", "upstream" = l."upstream" + excluded."upstream";

    PERFORM pg_notify('policylayer_calls', "organisationId"::text) FROM (SELECT DISTINCT "organisationId" FROM after) o;
    RETURN NULL;
END
$$;

INSERT INTO "CallTool"
SELECT "organisationId", "hours", "at", "serverId", "grantId", "tool", sum("calls"),
    coalesce(sum("calls") FILTER (WHERE "code" NOT IN ('allowed', 'approval_required')), 0),
    coalesce(sum("calls") FILTER (WHERE "code" = 'approval_required'), 0), sum("errors")
FROM "CallTop" GROUP BY 1, 2, 3, 4, 5, 6;
INSERT INTO "CallRule"
SELECT "organisationId", "hours", "at", "serverId", "grantId", "policyId", "code", "rule", sum("calls")
FROM "CallTop" WHERE "code" <> 'allowed' GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

DROP TABLE "CallTop";
