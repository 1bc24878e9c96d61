-- The call log for millions of calls: partitioned, rolled up, with views.

-- AlterTable
ALTER TABLE "Organisation" ADD COLUMN     "callRetentionDays" INTEGER NOT NULL DEFAULT 90;

-- CreateTable
CREATE TABLE "CallHour" (
    "organisationId" UUID NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "serverId" UUID NOT NULL,
    "grantId" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "calls" INTEGER NOT NULL,
    "trials" INTEGER NOT NULL,
    "answered" INTEGER NOT NULL,
    "toolErrors" INTEGER NOT NULL,
    "upstreamErrors" INTEGER NOT NULL,
    "notSent" INTEGER NOT NULL,
    "unknown" INTEGER NOT NULL,

    CONSTRAINT "CallHour_pkey" PRIMARY KEY ("organisationId","hour","serverId","grantId","code")
);

-- CreateTable
CREATE TABLE "CallTop" (
    "organisationId" UUID NOT NULL,
    "hours" SMALLINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "serverId" UUID NOT NULL,
    "grantId" UUID NOT NULL,
    "policyId" UUID NOT NULL,
    "tool" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "rule" TEXT NOT NULL,
    "calls" INTEGER NOT NULL,
    "errors" INTEGER NOT NULL,

    CONSTRAINT "CallTop_pkey" PRIMARY KEY ("organisationId","hours","at","serverId","grantId","policyId","tool","code","rule")
);

-- CreateTable
CREATE TABLE "CallLatency" (
    "organisationId" UUID NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "serverId" UUID NOT NULL,
    "bucket" SMALLINT NOT NULL,
    "gateway" INTEGER NOT NULL,
    "upstream" INTEGER NOT NULL,

    CONSTRAINT "CallLatency_pkey" PRIMARY KEY ("organisationId","hour","serverId","bucket")
);

-- CreateTable
CREATE TABLE "CallView" (
    "id" UUID NOT NULL,
    "organisationId" UUID NOT NULL,
    "userId" UUID,
    "shared" BOOLEAN NOT NULL,
    "name" TEXT NOT NULL,
    "query" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "CallView_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "CallView_organisationId_createdAt_idx" ON "CallView"("organisationId", "createdAt");

-- AddForeignKey
ALTER TABLE "CallView" ADD CONSTRAINT "CallView_organisationId_fkey" FOREIGN KEY ("organisationId") REFERENCES "Organisation"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- From here on written by hand: what schema.prisma cannot say. -----------------------------------------------------

-- Partitions: a week each, by id. The boundary of a time is its 48 bits of milliseconds and nothing behind them, which is how ids
-- of version 7 begin. Weeks and not months, because a call goes with its partition: with weeks it stays at most one week longer
-- than its organisation wants, with months it would be one month.
CREATE FUNCTION "Call_boundary"(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(greatest(0, floor(extract(epoch FROM at) * 1000))::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Makes the partition of a time, if there is none, and takes over what waits for it in the default partition.
CREATE FUNCTION "Call_add_partition"(at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    week CONSTANT integer := 604800;
    monday CONSTANT integer := 345600; -- the first one after the epoch
    starts CONSTANT double precision := floor((extract(epoch FROM at) - monday) / week) * week + monday;
    name CONSTANT text := 'Call_' || to_char(to_timestamp(starts) AT TIME ZONE 'UTC', 'YYYYMMDD');
    low CONSTANT uuid := "Call_boundary"(to_timestamp(starts));
    high CONSTANT uuid := "Call_boundary"(to_timestamp(starts + week));
BEGIN
    IF to_regclass(quote_ident(name)) IS NOT NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE "Call" INCLUDING DEFAULTS)', name);
    LOCK TABLE "Call_default" IN ACCESS EXCLUSIVE MODE;
    EXECUTE format(
        'WITH moved AS (DELETE FROM "Call_default" WHERE "id" >= %L AND "id" < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
        low, high, name
    );
    EXECUTE format('ALTER TABLE "Call" ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, low, high);
    RETURN name;
END
$$;

ALTER TABLE "Call" RENAME TO "Call_before";
CREATE TABLE "Call" (LIKE "Call_before" INCLUDING DEFAULTS) PARTITION BY RANGE ("id");
-- For what fits nowhere: a clock that is wrong by months, or a web process that nobody started for as long. It should be empty.
CREATE TABLE "Call_default" PARTITION OF "Call" DEFAULT;

-- In which bucket so many milliseconds are. app/_server/call-buckets.ts has the same bounds.
CREATE FUNCTION "Call_bucket"(ms double precision) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
    SELECT width_bucket(ms, ARRAY[
        0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700,
        1000, 1500, 2000, 3000, 5000, 7000, 10000, 15000, 20000, 30000, 60000, 120000, 300000
    ]::double precision[])::smallint
$$;

-- Rolled up by triggers for a statement and not by whoever writes: they see the rows that were really inserted, and of an update
-- what was there before, so nothing counts twice however often a batch is shipped, and no writer can forget. In the order of
-- their keys, so that two gateways do not wait for each other in a circle.
CREATE FUNCTION "Call_roll_up_inserted"() RETURNS trigger LANGUAGE plpgsql AS $$
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

    INSERT INTO "CallTop" AS t (
        "organisationId", "hours", "at", "serverId", "grantId", "policyId", "tool", "code", "rule", "calls", "errors"
    )
    SELECT "organisationId", w."hours", date_trunc(w."unit", "at", 'UTC'), "serverId", coalesce("grantId", nil),
        coalesce("policyId", nil), CASE WHEN "code" = 'unknown_tool' THEN '' ELSE left(coalesce("tool", ''), 256) END, "code",
        left("rule", 300), count(*), count(*) FILTER (WHERE "outcome" IN ('tool_error', 'upstream_error'))
    FROM added CROSS JOIN (VALUES (1::smallint, 'hour'), (24::smallint, 'day')) w("hours", "unit")
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
    ON CONFLICT ("organisationId", "hours", "at", "serverId", "grantId", "policyId", "tool", "code", "rule") DO UPDATE SET
        "calls" = t."calls" + excluded."calls", "errors" = t."errors" + excluded."errors";

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

-- Of a call only what came of it ever changes.
CREATE FUNCTION "Call_roll_up_updated"() RETURNS trigger LANGUAGE plpgsql AS $$
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

    INSERT INTO "CallTop" AS t (
        "organisationId", "hours", "at", "serverId", "grantId", "policyId", "tool", "code", "rule", "calls", "errors"
    )
    SELECT "organisationId", w."hours", date_trunc(w."unit", "at", 'UTC'), "serverId", coalesce("grantId", nil),
        coalesce("policyId", nil), CASE WHEN "code" = 'unknown_tool' THEN '' ELSE left(coalesce("tool", ''), 256) END, "code",
        left("rule", 300), 0, sum(n)
    FROM (SELECT 1 AS n, * FROM after UNION ALL SELECT -1, * FROM before) changed
    CROSS JOIN (VALUES (1::smallint, 'hour'), (24::smallint, 'day')) w("hours", "unit")
    WHERE "outcome" IN ('tool_error', 'upstream_error')
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
    ON CONFLICT ("organisationId", "hours", "at", "serverId", "grantId", "policyId", "tool", "code", "rule") DO UPDATE SET
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

-- An hour's rows are written ten times a second while it lasts: room beside them keeps them where they are.
ALTER TABLE "CallHour" SET (fillfactor = 60);
ALTER TABLE "CallTop" SET (fillfactor = 60);
ALTER TABLE "CallLatency" SET (fillfactor = 60);

CREATE TRIGGER "Call_inserted" AFTER INSERT ON "Call" REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION "Call_roll_up_inserted"();
CREATE TRIGGER "Call_updated" AFTER UPDATE ON "Call" REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION "Call_roll_up_updated"();

-- The weeks of the calls that are there (an id that no gateway made tells no time), and those that come next.
SELECT "Call_add_partition"(week) FROM (
    SELECT DISTINCT date_trunc('week', "at", 'UTC') AS week FROM "Call_before"
    WHERE substr("id"::text, 15, 1) = '7' AND "at" BETWEEN '2020-01-01' AND now() + interval '1 week'
    UNION SELECT date_trunc('week', now(), 'UTC') + n * interval '1 week' FROM generate_series(-1, 8) n
) weeks;

INSERT INTO "Call" SELECT * FROM "Call_before";
DROP TABLE "Call_before";

ALTER TABLE "Call" ADD CONSTRAINT "Call_pkey" PRIMARY KEY ("id");
CREATE INDEX "Call_organisationId_id_idx" ON "Call"("organisationId", "id");
CREATE INDEX "Call_serverId_id_idx" ON "Call"("serverId", "id");
CREATE INDEX "Call_serverId_at_id_idx" ON "Call"("serverId", "at" DESC, "id" DESC);
CREATE INDEX "Call_grantId_id_idx" ON "Call"("grantId", "id");
CREATE INDEX "Call_policyId_id_idx" ON "Call"("policyId", "id");
CREATE INDEX "Call_organisationId_tool_id_idx" ON "Call"("organisationId", "tool", "id");
CREATE INDEX "Call_organisationId_code_id_idx" ON "Call"("organisationId", "code", "id");
CREATE INDEX "Call_organisationId_outcome_id_idx" ON "Call"("organisationId", "outcome", "id");
CREATE INDEX "Call_organisationId_clientName_id_idx" ON "Call"("organisationId", "clientName", "id");

-- A rule is a place in a policy and may be longer than an index takes.
CREATE INDEX "Call_rule_idx" ON "Call"("organisationId", left("rule", 200), "id");
CREATE INDEX "Call_session_idx" ON "Call"("sessionId", "id") WHERE "sessionId" IS NOT NULL;
CREATE INDEX "Call_approval_idx" ON "Call"("approvalId", "id") WHERE "approvalId" IS NOT NULL;
CREATE INDEX "Call_shadow_idx" ON "Call"("organisationId", "id") WHERE "shadowCode" IS NOT NULL;
-- Allowed calls have no message.
CREATE INDEX "Call_message_idx" ON "Call" USING gin (to_tsvector('simple', "message")) WHERE "message" <> '';

ALTER TABLE "Organisation" ADD CONSTRAINT "Organisation_callRetentionDays_check" CHECK ("callRetentionDays" BETWEEN 1 AND 730);
