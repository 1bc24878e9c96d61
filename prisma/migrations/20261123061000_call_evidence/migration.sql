-- What becomes evidence waits here until it is sealed: each decision once, and what came of it once that is known. By triggers for a
-- statement, so that a batch that is shipped twice waits once, and no writer can forget.
INSERT INTO "EvidencePending" ("organisationId", "kind", "recordId", "at")
    SELECT "organisationId", 'call', "id", "at" FROM "Call" ORDER BY "id";
INSERT INTO "EvidencePending" ("organisationId", "kind", "recordId", "at")
    SELECT "organisationId", 'outcome', "id", "at" FROM "Call" WHERE "outcome" NOT IN ('pending', 'none') ORDER BY "id";

CREATE FUNCTION "Call_evidence_inserted"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "EvidencePending" ("organisationId", "kind", "recordId", "at")
        SELECT "organisationId", "kind", "id", "at" FROM added
        CROSS JOIN LATERAL (VALUES (1, 'call'), (2, 'outcome')) k("place", "kind")
        WHERE "kind" = 'call' OR "outcome" NOT IN ('pending', 'none')
        ORDER BY "id", "place";
    RETURN NULL;
END
$$;

CREATE FUNCTION "Call_evidence_updated"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "EvidencePending" ("organisationId", "kind", "recordId", "at")
        SELECT a."organisationId", 'outcome', a."id", a."at" FROM after a JOIN before b ON b."id" = a."id"
        WHERE b."outcome" = 'pending' AND a."outcome" NOT IN ('pending', 'none')
        ORDER BY a."id";
    RETURN NULL;
END
$$;

CREATE TRIGGER "Call_evidence_inserted" AFTER INSERT ON "Call" REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION "Call_evidence_inserted"();
CREATE TRIGGER "Call_evidence_updated" AFTER UPDATE ON "Call" REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION "Call_evidence_updated"();
