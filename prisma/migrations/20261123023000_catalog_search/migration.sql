-- Search over the catalog. Whoever writes servers and tools writes only these; everything derived from them (entries to search,
-- words, counts) is made here by triggers, in the same transaction, so it cannot be out of step.

-- Comes with Postgres. Any owner of a database may create it, where it is installed.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN OTHERS THEN
  RAISE EXCEPTION 'the search of the catalog needs the extension pg_trgm, which could not be created (%). Let the owner of the database run CREATE EXTENSION pg_trgm (package postgresql-contrib)', SQLERRM;
END $$;

-- AlterTable
ALTER TABLE "CatalogTool" ADD COLUMN     "kin" TEXT;

-- CreateTable
CREATE TABLE "CatalogEntry" (
    "id" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "shelf" INTEGER NOT NULL,
    "rank" INTEGER NOT NULL,
    "nameKey" TEXT COLLATE "C" NOT NULL,
    "kin" TEXT COLLATE "C",
    "vector" TSVECTOR NOT NULL,

    CONSTRAINT "CatalogEntry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CatalogShelf" (
    "shelf" INTEGER NOT NULL,
    "entries" INTEGER NOT NULL,

    CONSTRAINT "CatalogShelf_pkey" PRIMARY KEY ("shelf")
);

-- CreateTable
CREATE TABLE "CatalogWord" (
    "word" TEXT COLLATE "C" NOT NULL,
    "servers" INTEGER NOT NULL,
    "tools" INTEGER NOT NULL,

    CONSTRAINT "CatalogWord_pkey" PRIMARY KEY ("word")
);

-- CreateIndex
CREATE INDEX "CatalogTool_serverId_position_idx" ON "CatalogTool"("serverId", "position");

-- CreateIndex
CREATE INDEX "CatalogEntry_shelf_rank_nameKey_id_idx" ON "CatalogEntry"("shelf", "rank", "nameKey", "id");

-- CreateIndex
CREATE INDEX "CatalogEntry_shelf_nameKey_id_idx" ON "CatalogEntry"("shelf", "nameKey", "id");

-- CreateIndex
CREATE INDEX "CatalogEntry_kin_nameKey_id_idx" ON "CatalogEntry"("kin", "nameKey", "id");

-- CreateIndex: with a short list of what is still to be put in its place, since every search reads it (in kB)
CREATE INDEX "CatalogEntry_vector_of_tools_idx" ON "CatalogEntry" USING GIN ("vector") WITH (gin_pending_list_limit = 256)
  WHERE "shelf" >= 4096;

-- CreateIndex: apart, so that a search for servers reads nothing of the words that their tools are found by
CREATE INDEX "CatalogEntry_vector_of_servers_idx" ON "CatalogEntry" USING GIN ("vector") WITH (gin_pending_list_limit = 256)
  WHERE "shelf" < 4096;

-- CreateIndex
CREATE INDEX "CatalogWord_word_idx" ON "CatalogWord" USING GIN ("word" gin_trgm_ops) WITH (gin_pending_list_limit = 64);

-- Words ---------------------------------------------------------------------------------------------------------

-- The words of a name or a query, lower case, with a space between: `vm_createImage.v2` is `vm create image v2`. Separates at
-- punctuation and where camel case begins a word (`OAuth` is one); a character of Chinese or Japanese is a word. No locale of the database's is asked
-- but for the case of letters.
CREATE FUNCTION catalog_words("text" TEXT) RETURNS TEXT LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  plain TEXT := "text";
BEGIN
  IF octet_length(plain) <> char_length(plain) THEN
    -- Without accents, and full-width letters as ordinary ones; back together, what letters of Korean are made of.
    plain := normalize(regexp_replace(normalize(plain, NFKD), '[\u0300-\u036f]+', '', 'g'), NFC);
    plain := regexp_replace(plain, '([\u2e80-\u2fdf\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])', ' \1 ', 'g');
    plain := regexp_replace(plain, '[\u0080-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u2000-\u206f\u2190-\u2bff\u3000-\u303f\ufe00-\ufe0f\ufeff\ufffd]+', ' ', 'g');
  END IF;
  plain := regexp_replace(plain, '([[:lower:][:digit:]])([[:upper:]])', '\1 \2', 'g');
  plain := regexp_replace(plain, '([[:upper:]]{2})([[:upper:]][[:lower:]])', '\1 \2', 'g');
  RETURN btrim(lower(regexp_replace(plain, '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007f]+', ' ', 'g')));
END $$;

-- The same, and besides as one word what camel case splits: `GitHub` is `git hub github`.
CREATE FUNCTION catalog_spoken_words("text" TEXT) RETURNS TEXT LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  split CONSTANT TEXT := catalog_words("text");
  whole CONSTANT TEXT := catalog_words(lower("text"));
BEGIN
  RETURN CASE WHEN split = whole THEN split ELSE split || ' ' || whole END;
END $$;

-- The words with a weight, as the text of a tsvector.
CREATE FUNCTION catalog_weighed("words" TEXT, "weight" TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN "words" = '' THEN '' ELSE replace("words", ' ', ':1' || "weight" || ' ') || ':1' || "weight" END
$$;

-- What names are compared by from their beginning: their letters and digits alone.
CREATE FUNCTION catalog_name_key("words" TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT left(replace("words", ' ', ''), 64)
$$;

-- Shelves -------------------------------------------------------------------------------------------------------

-- Entries that no filter tells apart: tool or server, kind of source, evidence, and the categories as a bit each, Read being the
-- first. app/_server/catalog/shelves.ts reads these numbers.
CREATE FUNCTION catalog_shelf("isTool" BOOLEAN, "sourceKind" TEXT, "evidence" TEXT, "categories" INTEGER)
RETURNS INTEGER LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT "isTool"::integer * 4096
    + coalesce(array_position(ARRAY['npm', 'github', 'registry', 'url'], "sourceKind"), 0) * 512
    + coalesce(array_position(ARRAY['harvest', 'snapshot', 'registry'], "evidence"), 0) * 64
    + "categories"
$$;

CREATE FUNCTION catalog_category_bit("category" TEXT) RETURNS INTEGER LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT 1 << coalesce(array_position(ARRAY['Read', 'Write', 'Execute', 'Destructive', 'Financial'], "category") - 1, 5)
$$;

-- 0 for what is only read to 3 for what is lost or paid, of several categories the worst; -1 of none.
CREATE FUNCTION catalog_risk("categories" INTEGER) RETURNS INTEGER LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN "categories" & 24 > 0 THEN 3 WHEN "categories" & 36 > 0 THEN 2 WHEN "categories" & 2 > 0 THEN 1
    WHEN "categories" & 1 > 0 THEN 0 ELSE -1 END
$$;

-- What a search filters by, as words that no name has: the text of a tsvector. `=0` to `=4` are levels by chance, whatever the
-- entry's words are: 1 of 1,024 entries has all five, 1 of 256 all but `=0` and so on to 1 of 4, which has `=4`. By them a search
-- for a common word stays small.
CREATE FUNCTION catalog_marks("id" UUID, "sourceKind" TEXT, "evidence" TEXT, "categories" INTEGER)
RETURNS TEXT LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  chance CONSTANT INTEGER := ('x' || right("id"::text, 5))::bit(20)::integer;
BEGIN
  RETURN quote_literal('=k:' || "sourceKind") || ' ' || quote_literal('=e:' || "evidence")
    || CASE WHEN "categories" & 1 > 0 THEN ' ''=c:Read''' ELSE '' END
    || CASE WHEN "categories" & 2 > 0 THEN ' ''=c:Write''' ELSE '' END
    || CASE WHEN "categories" & 4 > 0 THEN ' ''=c:Execute''' ELSE '' END
    || CASE WHEN "categories" & 8 > 0 THEN ' ''=c:Destructive''' ELSE '' END
    || CASE WHEN "categories" & 16 > 0 THEN ' ''=c:Financial''' ELSE '' END
    || CASE WHEN "categories" & 32 > 0 THEN ' ''=c:Other''' ELSE '' END
    || CASE catalog_risk("categories") WHEN 3 THEN ' ''=s:critical''' WHEN 2 THEN ' ''=s:high''' WHEN 1 THEN ' ''=s:medium'''
      WHEN 0 THEN ' ''=s:low''' ELSE '' END
    || CASE WHEN chance < 1024 THEN ' ''=0''' ELSE '' END
    || CASE WHEN chance < 4096 THEN ' ''=1''' ELSE '' END
    || CASE WHEN chance < 16384 THEN ' ''=2''' ELSE '' END
    || CASE WHEN chance < 65536 THEN ' ''=3''' ELSE '' END
    || CASE WHEN chance < 262144 THEN ' ''=4''' ELSE '' END;
END $$;

-- What a search finds by: words of the name (A), of the server (B) and of what is beside (C), of a description (D), and the marks.
CREATE FUNCTION catalog_vector("name" TEXT, "server" TEXT, "more" TEXT, "description" TEXT, "marks" TEXT)
RETURNS TSVECTOR LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  names CONSTANT TSVECTOR := (catalog_weighed("name", 'A') || ' ' || catalog_weighed("server", 'B') || ' '
    || catalog_weighed("more", 'C') || ' ' || "marks")::tsvector;
BEGIN
  IF "description" IS NULL THEN
    RETURN names;
  END IF;
  RETURN names || setweight(to_tsvector('english', left("description", 2000)), 'D');
END $$;

-- Entries -------------------------------------------------------------------------------------------------------

CREATE FUNCTION catalog_enter_tools("ids" UUID[]) RETURNS VOID LANGUAGE sql AS $$
  INSERT INTO "CatalogEntry" AS e ("id", "serverId", "shelf", "rank", "nameKey", "kin", "vector")
  SELECT t."id", t."serverId",
    catalog_shelf(true, s."sourceKind", s."evidence", b."bit"),
    -1000 * catalog_risk(b."bit") - (t."confidence" * 100)::integer,
    catalog_name_key(w."name"),
    t."kin",
    catalog_vector(w."name", w."server", w."more", t."description",
      catalog_marks(t."id", s."sourceKind", s."evidence", b."bit"))
  FROM "CatalogTool" t
  JOIN "CatalogServer" s ON s."id" = t."serverId"
  CROSS JOIN LATERAL (SELECT catalog_category_bit(t."category") AS "bit") AS b
  CROSS JOIN LATERAL (
    SELECT catalog_words(left(t."name", 200)) AS "name",
      catalog_spoken_words(left(concat_ws(' ', t."title", s."name", s."packageName"), 300)) AS "server",
      catalog_words(left(concat_ws(' ', t."summary", (SELECT string_agg(p->>'name', ' ') FROM jsonb_array_elements(
        CASE WHEN jsonb_typeof(t."parameters") = 'array' THEN t."parameters" ELSE '[]' END) AS p)), 1000)) AS "more"
    OFFSET 0 -- worked out once, wherever it is used
  ) AS w
  WHERE t."id" = ANY ("ids") AND t."state" = 'current'
  ON CONFLICT ("id") DO UPDATE SET ("serverId", "shelf", "rank", "nameKey", "kin", "vector")
    = (excluded."serverId", excluded."shelf", excluded."rank", excluded."nameKey", excluded."kin", excluded."vector")
  WHERE (e."serverId", e."shelf", e."rank", e."nameKey", e."kin", e."vector") IS DISTINCT FROM
    (excluded."serverId", excluded."shelf", excluded."rank", excluded."nameKey", excluded."kin", excluded."vector")
$$;

CREATE FUNCTION catalog_enter_servers("ids" UUID[]) RETURNS VOID LANGUAGE sql AS $$
  INSERT INTO "CatalogEntry" AS e ("id", "serverId", "shelf", "rank", "nameKey", "kin", "vector")
  SELECT s."id", s."id",
    catalog_shelf(false, s."sourceKind", s."evidence", b."bits"),
    -s."toolCount",
    catalog_name_key(w."name"),
    NULL,
    catalog_vector(catalog_spoken_words(left(s."name", 200)), w."source", '', s."description",
      catalog_marks(s."id", s."sourceKind", s."evidence", b."bits"))
  FROM "CatalogServer" s
  CROSS JOIN LATERAL (
    SELECT (s."readCount" > 0)::integer + 2 * (s."writeCount" > 0)::integer + 4 * (s."executeCount" > 0)::integer
      + 8 * (s."destructiveCount" > 0)::integer + 16 * (s."financialCount" > 0)::integer
      + 32 * (s."otherCount" > 0)::integer AS "bits"
  ) AS b
  CROSS JOIN LATERAL (
    SELECT catalog_words(left(s."name", 200)) AS "name",
      catalog_spoken_words(left(concat_ws(' ', regexp_replace(s."source", '^[a-z]+:(https?://)?', ''), s."packageName"), 300)) AS "source"
    OFFSET 0
  ) AS w
  WHERE s."id" = ANY ("ids")
  ON CONFLICT ("id") DO UPDATE SET ("shelf", "rank", "nameKey", "vector")
    = (excluded."shelf", excluded."rank", excluded."nameKey", excluded."vector")
  WHERE (e."shelf", e."rank", e."nameKey", e."vector") IS DISTINCT FROM
    (excluded."shelf", excluded."rank", excluded."nameKey", excluded."vector")
$$;

-- Triggers ------------------------------------------------------------------------------------------------------

-- Counted anew and not by differences: then the number is true whatever was written there before.
CREATE FUNCTION catalog_count_tools("ids" UUID[]) RETURNS VOID LANGUAGE sql AS $$
  UPDATE "CatalogServer" s SET ("toolCount", "readCount", "writeCount", "executeCount", "destructiveCount", "financialCount", "otherCount")
    = (c."all", c."read", c."write", c."execute", c."destructive", c."financial", c."all" - c."read" - c."write" - c."execute" - c."destructive" - c."financial")
  FROM (
    SELECT i."id",
      count(t."id") AS "all",
      count(*) FILTER (WHERE t."category" = 'Read') AS "read",
      count(*) FILTER (WHERE t."category" = 'Write') AS "write",
      count(*) FILTER (WHERE t."category" = 'Execute') AS "execute",
      count(*) FILTER (WHERE t."category" = 'Destructive') AS "destructive",
      count(*) FILTER (WHERE t."category" = 'Financial') AS "financial"
    FROM unnest("ids") AS i ("id")
    LEFT JOIN "CatalogTool" t ON t."serverId" = i."id" AND t."state" = 'current'
    GROUP BY i."id"
  ) AS c
  WHERE s."id" = c."id"
    AND (s."toolCount", s."readCount", s."writeCount", s."executeCount", s."destructiveCount", s."financialCount")
      IS DISTINCT FROM (c."all"::integer, c."read"::integer, c."write"::integer, c."execute"::integer, c."destructive"::integer, c."financial"::integer)
$$;

CREATE FUNCTION catalog_tools_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM catalog_enter_tools(ARRAY (SELECT "id" FROM "after"));
    PERFORM catalog_count_tools(ARRAY (SELECT DISTINCT "serverId" FROM "after"));
  ELSIF TG_OP = 'DELETE' THEN
    DELETE FROM "CatalogEntry" e USING "before" WHERE e."id" = "before"."id";
    PERFORM catalog_count_tools(ARRAY (SELECT DISTINCT "serverId" FROM "before"));
  ELSE
    DELETE FROM "CatalogEntry" e USING "after" WHERE e."id" = "after"."id" AND "after"."state" <> 'current';
    PERFORM catalog_enter_tools(ARRAY (SELECT "id" FROM "after"));
    PERFORM catalog_count_tools(ARRAY (SELECT "serverId" FROM "before" UNION SELECT "serverId" FROM "after"));
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER catalog_tools_inserted AFTER INSERT ON "CatalogTool" REFERENCING NEW TABLE AS "after"
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_tools_changed();
CREATE TRIGGER catalog_tools_updated AFTER UPDATE ON "CatalogTool" REFERENCING OLD TABLE AS "before" NEW TABLE AS "after"
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_tools_changed();
CREATE TRIGGER catalog_tools_deleted AFTER DELETE ON "CatalogTool" REFERENCING OLD TABLE AS "before"
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_tools_changed();

CREATE FUNCTION catalog_servers_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM catalog_enter_servers(ARRAY (SELECT "id" FROM "after"));
  ELSIF TG_OP = 'DELETE' THEN
    DELETE FROM "CatalogEntry" e USING "before" WHERE e."id" = "before"."id";
  ELSE
    PERFORM catalog_enter_servers(ARRAY (SELECT "id" FROM "after"));
    -- Its tools are found by its name and filtered by what it is.
    PERFORM catalog_enter_tools(ARRAY (
      SELECT t."id" FROM "after" JOIN "before" USING ("id") JOIN "CatalogTool" t ON t."serverId" = "after"."id"
      WHERE ("after"."name", "after"."packageName", "after"."sourceKind", "after"."evidence")
        IS DISTINCT FROM ("before"."name", "before"."packageName", "before"."sourceKind", "before"."evidence")
    ));
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER catalog_servers_inserted AFTER INSERT ON "CatalogServer" REFERENCING NEW TABLE AS "after"
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_servers_changed();
CREATE TRIGGER catalog_servers_updated AFTER UPDATE ON "CatalogServer" REFERENCING OLD TABLE AS "before" NEW TABLE AS "after"
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_servers_changed();
CREATE TRIGGER catalog_servers_deleted AFTER DELETE ON "CatalogServer" REFERENCING OLD TABLE AS "before"
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_servers_changed();

-- How many entries a shelf and a word have: the difference that a statement made.
CREATE FUNCTION catalog_count_entries("shelves" INTEGER[], "signs" INTEGER[], "vectors" TSVECTOR[]) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
  -- One writer at a time from here on: two that count the same words in another order would wait for each other for ever.
  PERFORM pg_advisory_xact_lock(72707370);
  INSERT INTO "CatalogShelf" AS s ("shelf", "entries")
  SELECT "shelf", sum("sign") FROM unnest("shelves", "signs") AS d ("shelf", "sign")
  GROUP BY "shelf" HAVING sum("sign") <> 0
  ON CONFLICT ("shelf") DO UPDATE SET "entries" = s."entries" + excluded."entries";

  INSERT INTO "CatalogWord" AS w ("word", "servers", "tools")
  SELECT "word", coalesce(sum("sign") FILTER (WHERE "shelf" < 4096), 0), coalesce(sum("sign") FILTER (WHERE "shelf" >= 4096), 0)
  FROM unnest("shelves", "signs", "vectors") AS d ("shelf", "sign", "vector"),
    -- Only of names: marks have no weight, and what is said beside a name is not its word.
    unnest(tsvector_to_array(ts_filter("vector", '{a,b}'))) AS "word"
  GROUP BY "word"
  HAVING sum("sign") FILTER (WHERE "shelf" < 4096) <> 0 OR sum("sign") FILTER (WHERE "shelf" >= 4096) <> 0
  ON CONFLICT ("word") DO UPDATE SET "servers" = w."servers" + excluded."servers", "tools" = w."tools" + excluded."tools";
END $$;

CREATE FUNCTION catalog_entries_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM catalog_count_entries(array_agg("shelf"), array_agg(1), array_agg("vector")) FROM "after" HAVING count(*) > 0;
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM catalog_count_entries(array_agg("shelf"), array_agg(-1), array_agg("vector")) FROM "before" HAVING count(*) > 0;
  ELSE
    PERFORM catalog_count_entries(array_agg("shelf"), array_agg("sign"), array_agg("vector"))
    FROM (SELECT "shelf", 1 AS "sign", "vector" FROM "after" UNION ALL SELECT "shelf", -1, "vector" FROM "before") AS d HAVING count(*) > 0;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM "CatalogShelf" WHERE "entries" = 0;
    DELETE FROM "CatalogWord" WHERE "servers" = 0 AND "tools" = 0 AND "word" = ANY (
      SELECT unnest(tsvector_to_array(ts_filter("vector", '{a,b}'))) FROM "before");
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER catalog_entries_inserted AFTER INSERT ON "CatalogEntry" REFERENCING NEW TABLE AS "after"
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_entries_changed();
CREATE TRIGGER catalog_entries_updated AFTER UPDATE ON "CatalogEntry" REFERENCING OLD TABLE AS "before" NEW TABLE AS "after"
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_entries_changed();
CREATE TRIGGER catalog_entries_deleted AFTER DELETE ON "CatalogEntry" REFERENCING OLD TABLE AS "before"
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_entries_changed();

-- What is there already.
SELECT catalog_enter_servers(ARRAY (SELECT "id" FROM "CatalogServer"));
SELECT catalog_enter_tools(ARRAY (SELECT "id" FROM "CatalogTool"));
SELECT catalog_count_tools(ARRAY (SELECT "id" FROM "CatalogServer"));
