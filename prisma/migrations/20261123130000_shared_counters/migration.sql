-- CreateTable
CREATE TABLE "Counter" (
    "key" TEXT NOT NULL,
    "units" DECIMAL(65,30) NOT NULL,
    "start" BIGINT,
    "lastAt" BIGINT NOT NULL,
    "expiresAt" BIGINT NOT NULL,

    CONSTRAINT "Counter_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "CounterEntry" (
    "key" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "units" DECIMAL(65,30) NOT NULL,

    CONSTRAINT "CounterEntry_pkey" PRIMARY KEY ("key","at")
);

-- CreateTable
CREATE TABLE "CounterStore" (
    "id" TEXT NOT NULL,
    "life" TEXT NOT NULL,
    "claimedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "CounterStore_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Counter_expiresAt_idx" ON "Counter"("expiresAt");

-- Reserves the limits of several calls, one after the other: for each call all of them, or none. Exact: no interval (t, t + window]
-- ever holds more than the limit, by this server's clock. Each reservation is {key, kind, from, to, amount, most}: kind "s" (sliding,
-- "from" is the window in ms) or "c" (calendar, from its start to its end in ms).
-- Answers for each call ["ok", now], ["full", now, index, ms to wait or -1], or ["window", now] when a calendar window is not now's.
CREATE FUNCTION "reserveLimits"(calls jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  answers jsonb := '[]';
  keys text[];
  moment bigint;
  wanted jsonb;
  one jsonb;
  counter "Counter";
  place int;
  failed int;
  longest bigint;
  wait bigint;
  isOther boolean;
  taken numeric;
  amount numeric;
  held jsonb;
BEGIN
  SELECT array_agg(DISTINCT r->>'key' ORDER BY r->>'key') INTO keys
    FROM jsonb_array_elements(calls) c, jsonb_array_elements(c) r;
  -- Everybody takes the counters in the same order.
  INSERT INTO "Counter" (key, units, "lastAt", "expiresAt")
    SELECT k, 0, 0, 0 FROM unnest(keys) k ORDER BY k ON CONFLICT DO NOTHING;
  PERFORM 1 FROM "Counter" WHERE key = ANY (keys) ORDER BY key FOR UPDATE;
  -- A server that took over may have a clock that is behind: the latest time counted stands for it, which can only refuse sooner.
  SELECT greatest(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint, max("lastAt"))
    INTO moment FROM "Counter" WHERE key = ANY (keys);

  FOR wanted IN SELECT * FROM jsonb_array_elements(calls) LOOP
    SELECT coalesce(bool_or(r->>'kind' = 'c' AND (moment < (r->>'from')::bigint OR moment >= (r->>'to')::bigint)), false)
      INTO isOther FROM jsonb_array_elements(wanted) r;
    IF isOther THEN
      answers := answers || jsonb_build_array(jsonb_build_array('window', moment));
      CONTINUE;
    END IF;
    failed := NULL;
    longest := 0;
    place := 0;
    held := '{}';
    FOR one IN SELECT * FROM jsonb_array_elements(wanted) LOOP
      place := place + 1;
      amount := (one->>'amount')::numeric;
      IF one->>'kind' = 's' THEN
        WITH gone AS (
          DELETE FROM "CounterEntry" e WHERE e.key = one->>'key' AND e.at <= moment - (one->>'from')::bigint RETURNING units
        )
        UPDATE "Counter" c SET units = c.units - g.sum
          FROM (SELECT sum(units) AS sum FROM gone) g WHERE c.key = one->>'key' AND g.sum IS NOT NULL;
      ELSE
        UPDATE "Counter" SET units = 0, start = (one->>'from')::bigint
          WHERE key = one->>'key' AND start IS DISTINCT FROM (one->>'from')::bigint;
      END IF;
      SELECT * INTO counter FROM "Counter" WHERE key = one->>'key';
      -- A counter that is named twice has to hold both.
      taken := counter.units + coalesce((held->>(one->>'key'))::numeric, 0);
      held := held || jsonb_build_object(one->>'key', coalesce((held->>(one->>'key'))::numeric, 0) + amount);
      IF taken + amount > (one->>'most')::numeric THEN
        failed := coalesce(failed, place);
        IF amount > (one->>'most')::numeric THEN
          wait := -1;
        ELSIF one->>'kind' = 'c' THEN
          wait := greatest(1, (one->>'to')::bigint - moment);
        ELSE
          SELECT greatest(1, min(s.at) + (one->>'from')::bigint - moment) INTO wait FROM (
            SELECT e.at, sum(e.units) OVER (ORDER BY e.at) AS freed FROM "CounterEntry" e WHERE e.key = one->>'key'
          ) s WHERE taken + amount - s.freed <= (one->>'most')::numeric;
          wait := coalesce(wait, (one->>'from')::bigint);
        END IF;
        IF wait = -1 OR longest = -1 THEN longest := -1; ELSE longest := greatest(longest, wait); END IF;
      END IF;
    END LOOP;
    IF failed IS NOT NULL THEN
      answers := answers || jsonb_build_array(jsonb_build_array('full', moment, failed, longest));
      CONTINUE;
    END IF;
    FOR one IN SELECT * FROM jsonb_array_elements(wanted) LOOP
      amount := (one->>'amount')::numeric;
      UPDATE "Counter" SET units = units + amount, "lastAt" = moment, "expiresAt" =
        CASE WHEN one->>'kind' = 'c' THEN (one->>'to')::bigint ELSE moment + (one->>'from')::bigint END
        WHERE key = one->>'key';
      IF one->>'kind' = 's' AND amount > 0 THEN
        INSERT INTO "CounterEntry" (key, at, units) VALUES (one->>'key', moment, amount)
          ON CONFLICT (key, at) DO UPDATE SET units = "CounterEntry".units + excluded.units;
      END IF;
    END LOOP;
    answers := answers || jsonb_build_array(jsonb_build_array('ok', moment));
  END LOOP;
  RETURN answers;
END $$;

-- Takes back what was reserved; what has left its window by now stays gone. Each is {key, kind, from, at, amount}.
CREATE FUNCTION "giveBackLimits"(reserved jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  one jsonb;
BEGIN
  FOR one IN SELECT r FROM jsonb_array_elements(reserved) r ORDER BY r->>'key' LOOP
    PERFORM 1 FROM "Counter" WHERE key = one->>'key' FOR UPDATE;
    IF one->>'kind' = 'c' THEN
      UPDATE "Counter" SET units = units - (one->>'amount')::numeric
        WHERE key = one->>'key' AND start = (one->>'from')::bigint AND units >= (one->>'amount')::numeric;
    ELSE
      UPDATE "CounterEntry" SET units = units - (one->>'amount')::numeric
        WHERE key = one->>'key' AND at = (one->>'at')::bigint AND units >= (one->>'amount')::numeric;
      IF FOUND THEN
        UPDATE "Counter" SET units = units - (one->>'amount')::numeric WHERE key = one->>'key';
      END IF;
    END IF;
  END LOOP;
END $$;

-- Forgets counters that hold nothing any more, some at a time.
CREATE FUNCTION "forgetLimits"(most int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  keys text[];
BEGIN
  SELECT array_agg(key) INTO keys FROM (
    SELECT key FROM "Counter" WHERE "expiresAt" < extract(epoch FROM clock_timestamp()) * 1000 - 60000
      ORDER BY key LIMIT most FOR UPDATE SKIP LOCKED
  ) gone;
  DELETE FROM "CounterEntry" WHERE key = ANY (keys);
  DELETE FROM "Counter" WHERE key = ANY (keys);
  RETURN coalesce(cardinality(keys), 0);
END $$;
