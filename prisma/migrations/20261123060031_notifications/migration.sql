-- CreateTable
CREATE TABLE "NotificationEndpoint" (
    "id" UUID NOT NULL,
    "organisationId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "shown" TEXT NOT NULL,
    "events" TEXT[],
    "sealedSecret" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "NotificationEndpoint_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "NotificationDelivery" (
    "id" UUID NOT NULL,
    "organisationId" UUID NOT NULL,
    "endpointId" UUID NOT NULL,
    "event" TEXT NOT NULL,
    "approvalId" UUID,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "body" TEXT,
    "lastStatus" INTEGER,
    "lastTrouble" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "NotificationDelivery_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "NotificationEndpoint_organisationId_createdAt_idx" ON "NotificationEndpoint"("organisationId", "createdAt");

-- CreateIndex
CREATE INDEX "NotificationDelivery_status_nextAt_idx" ON "NotificationDelivery"("status", "nextAt");

-- CreateIndex
CREATE INDEX "NotificationDelivery_organisationId_createdAt_idx" ON "NotificationDelivery"("organisationId", "createdAt" DESC);

-- CreateIndex
CREATE INDEX "NotificationDelivery_organisationId_status_createdAt_idx" ON "NotificationDelivery"("organisationId", "status", "createdAt" DESC);

-- CreateIndex
CREATE INDEX "NotificationDelivery_endpointId_idx" ON "NotificationDelivery"("endpointId");

-- AddForeignKey
ALTER TABLE "NotificationEndpoint" ADD CONSTRAINT "NotificationEndpoint_organisationId_fkey" FOREIGN KEY ("organisationId") REFERENCES "Organisation"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "NotificationDelivery" ADD CONSTRAINT "NotificationDelivery_endpointId_fkey" FOREIGN KEY ("endpointId") REFERENCES "NotificationEndpoint"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Whatever writes an approval, those who want to hear of it do: in the same transaction, so once.
CREATE FUNCTION "Approval_notify"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "NotificationDelivery" ("id", "organisationId", "endpointId", "event", "approvalId")
  SELECT gen_random_uuid(), "organisationId", "id", TG_ARGV[0], NEW."id" FROM "NotificationEndpoint"
  WHERE "organisationId" = NEW."organisationId" AND TG_ARGV[0] = ANY ("events")
  -- One that is being taken away gets nothing, and is no trouble to the call.
  FOR KEY SHARE;
  RETURN NULL;
END $$;

CREATE TRIGGER "Approval_created_notify" AFTER INSERT ON "Approval" FOR EACH ROW
  WHEN (NEW."status" = 'pending') EXECUTE FUNCTION "Approval_notify"('approval.created');
CREATE TRIGGER "Approval_decided_notify" AFTER UPDATE ON "Approval" FOR EACH ROW
  WHEN (OLD."status" = 'pending' AND NEW."status" IN ('approved', 'denied'))
  EXECUTE FUNCTION "Approval_notify"('approval.decided');
