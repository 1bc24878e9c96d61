-- AlterTable
ALTER TABLE "Grant" ADD COLUMN     "frozenBy" TEXT,
ADD COLUMN     "frozenReason" TEXT;

-- AlterTable
ALTER TABLE "Organisation" ADD COLUMN     "frozenBy" TEXT,
ADD COLUMN     "frozenReason" TEXT;

-- AlterTable
ALTER TABLE "Server" ADD COLUMN     "frozenBy" TEXT,
ADD COLUMN     "frozenReason" TEXT;

-- CreateTable
CREATE TABLE "EvidenceBatch" (
    "organisationId" UUID NOT NULL,
    "sequence" INTEGER NOT NULL,
    "previousHash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "recordsHash" TEXT NOT NULL,
    "indexHash" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "sealedAt" TIMESTAMPTZ(3) NOT NULL,
    "firstAt" TIMESTAMPTZ(3) NOT NULL,
    "lastAt" TIMESTAMPTZ(3) NOT NULL,
    "key" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "members" BYTEA NOT NULL,

    CONSTRAINT "EvidenceBatch_pkey" PRIMARY KEY ("organisationId","sequence")
);

-- CreateTable
CREATE TABLE "EvidencePending" (
    "id" BIGSERIAL NOT NULL,
    "organisationId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "recordId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "EvidencePending_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LogForward" (
    "organisationId" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "sealedSecret" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "cursor" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAttemptAt" TIMESTAMPTZ(3),
    "lastError" TEXT,
    "lastSentAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "LogForward_pkey" PRIMARY KEY ("organisationId")
);

-- CreateIndex
CREATE INDEX "EvidencePending_organisationId_id_idx" ON "EvidencePending"("organisationId", "id");

-- What is signed is never made undone.
CREATE FUNCTION "EvidenceBatch_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a chain of evidence is only ever added to' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER "EvidenceBatch_append_only" BEFORE UPDATE OR DELETE ON "EvidenceBatch"
    FOR EACH ROW EXECUTE FUNCTION "EvidenceBatch_append_only"();

INSERT INTO "EvidencePending" ("organisationId", "kind", "recordId", "at")
    SELECT "organisationId", 'audit', "id", "at" FROM "AuditEvent" ORDER BY "id";

CREATE FUNCTION "AuditEvent_evidence"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "EvidencePending" ("organisationId", "kind", "recordId", "at")
        SELECT "organisationId", 'audit', "id", "at" FROM added;
    RETURN NULL;
END
$$;

CREATE TRIGGER "AuditEvent_evidence" AFTER INSERT ON "AuditEvent"
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION "AuditEvent_evidence"();
