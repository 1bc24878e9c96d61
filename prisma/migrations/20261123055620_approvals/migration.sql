-- AlterTable
ALTER TABLE "Call" ADD COLUMN     "approvalId" UUID,
ADD COLUMN     "traceparent" TEXT;

-- CreateTable
CREATE TABLE "Approval" (
    "id" UUID NOT NULL,
    "organisationId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "grantId" UUID NOT NULL,
    "sessionTag" TEXT,
    "clientName" TEXT,
    "tool" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "binding" TEXT NOT NULL,
    "argumentsDigest" TEXT NOT NULL,
    "definitionHash" TEXT,
    "policyId" UUID NOT NULL,
    "policyVersion" INTEGER NOT NULL,
    "rule" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "argumentKeys" TEXT[],
    "sealedArguments" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "decidedAt" TIMESTAMPTZ(3),
    "decidedById" UUID,
    "reason" TEXT,
    "useBy" TIMESTAMPTZ(3),
    "scope" TEXT NOT NULL DEFAULT 'call',
    "sessionUntil" TIMESTAMPTZ(3),
    "sealedEdited" TEXT,
    "editedDigest" TEXT,
    "usedAt" TIMESTAMPTZ(3),
    "callId" UUID,
    "heldUntil" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "Approval_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Approval_organisationId_id_idx" ON "Approval"("organisationId", "id" DESC);

-- CreateIndex
CREATE INDEX "Approval_organisationId_status_id_idx" ON "Approval"("organisationId", "status", "id" DESC);

-- CreateIndex
CREATE INDEX "Approval_binding_status_idx" ON "Approval"("binding", "status");

-- CreateIndex
CREATE INDEX "Approval_grantId_status_idx" ON "Approval"("grantId", "status");

-- CreateIndex
CREATE INDEX "Approval_status_expiresAt_idx" ON "Approval"("status", "expiresAt");

-- AddForeignKey
ALTER TABLE "Approval" ADD CONSTRAINT "Approval_organisationId_fkey" FOREIGN KEY ("organisationId") REFERENCES "Organisation"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- At most one request is open for the same call: those who ask again attach to it.
CREATE UNIQUE INDEX "Approval_pending_binding_key" ON "Approval" ("binding") WHERE "status" = 'pending';

-- Approvals for a session, asked for by each call of the session that needs one.
CREATE INDEX "Approval_session_idx" ON "Approval" ("grantId", "sessionTag", "tool") WHERE "scope" = 'session';

-- Whoever waits for a person hears of the answer at once, whoever wrote it.
CREATE FUNCTION "Approval_announce"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('policylayer_approvals',
    json_build_object('id', NEW."id", 'organisationId', NEW."organisationId", 'status', NEW."status")::text);
  RETURN NULL;
END $$;

CREATE TRIGGER "Approval_asked" AFTER INSERT ON "Approval" FOR EACH ROW EXECUTE FUNCTION "Approval_announce"();
CREATE TRIGGER "Approval_changed" AFTER UPDATE ON "Approval" FOR EACH ROW
  WHEN (OLD."status" IS DISTINCT FROM NEW."status") EXECUTE FUNCTION "Approval_announce"();
