-- AlterTable
ALTER TABLE "Tool" ADD COLUMN     "overrideAt" TIMESTAMPTZ(3),
ADD COLUMN     "overrideCategory" TEXT,
ADD COLUMN     "overrideHash" TEXT;

-- CreateTable
CREATE TABLE "CatalogServer" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "sourceKind" TEXT NOT NULL,
    "packageName" TEXT,
    "version" TEXT,
    "repository" TEXT,
    "homepage" TEXT,
    "licence" TEXT,
    "description" TEXT,
    "protocolVersion" TEXT,
    "evidence" TEXT NOT NULL,
    "toolCount" INTEGER NOT NULL DEFAULT 0,
    "readCount" INTEGER NOT NULL DEFAULT 0,
    "writeCount" INTEGER NOT NULL DEFAULT 0,
    "executeCount" INTEGER NOT NULL DEFAULT 0,
    "destructiveCount" INTEGER NOT NULL DEFAULT 0,
    "financialCount" INTEGER NOT NULL DEFAULT 0,
    "otherCount" INTEGER NOT NULL DEFAULT 0,
    "firstSeenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "CatalogServer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CatalogTool" (
    "id" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "presence" TEXT NOT NULL DEFAULT 'listed',
    "summary" TEXT,
    "title" TEXT,
    "description" TEXT,
    "parameters" JSONB NOT NULL DEFAULT '[]',
    "annotations" JSONB,
    "definition" TEXT,
    "definitionHash" TEXT,
    "category" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "confidence" DOUBLE PRECISION NOT NULL,
    "signals" JSONB NOT NULL,
    "findings" JSONB NOT NULL DEFAULT '[]',
    "state" TEXT NOT NULL DEFAULT 'current',
    "firstSeenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "CatalogTool_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CatalogHarvest" (
    "id" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "version" TEXT,
    "outcome" TEXT NOT NULL,
    "message" TEXT,
    "toolCount" INTEGER NOT NULL DEFAULT 0,
    "listHash" TEXT,
    "ms" INTEGER NOT NULL,

    CONSTRAINT "CatalogHarvest_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CatalogEvent" (
    "id" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" TEXT NOT NULL,
    "tool" TEXT,
    "fromVersion" TEXT,
    "toVersion" TEXT,
    "grades" JSONB NOT NULL DEFAULT '[]',
    "before" TEXT,
    "after" TEXT,

    CONSTRAINT "CatalogEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CatalogJob" (
    "id" UUID NOT NULL,
    "organisationId" UUID NOT NULL,
    "userId" UUID,
    "kind" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "cursor" TEXT,
    "done" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER,
    "message" TEXT,
    "result" JSONB,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "CatalogJob_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CatalogSnapshot" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "hash" TEXT NOT NULL,
    "importedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "CatalogSnapshot_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ContactMessage" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "name" TEXT,
    "email" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "page" TEXT,

    CONSTRAINT "ContactMessage_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "CatalogServer_slug_key" ON "CatalogServer"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "CatalogServer_source_key" ON "CatalogServer"("source");

-- CreateIndex
CREATE UNIQUE INDEX "CatalogTool_serverId_name_key" ON "CatalogTool"("serverId", "name");

-- CreateIndex
CREATE INDEX "CatalogHarvest_serverId_at_idx" ON "CatalogHarvest"("serverId", "at" DESC);

-- CreateIndex
CREATE INDEX "CatalogEvent_at_id_idx" ON "CatalogEvent"("at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "CatalogEvent_serverId_at_id_idx" ON "CatalogEvent"("serverId", "at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "CatalogJob_organisationId_createdAt_idx" ON "CatalogJob"("organisationId", "createdAt" DESC);

-- CreateIndex
CREATE INDEX "CatalogJob_status_idx" ON "CatalogJob"("status");

-- AddForeignKey
ALTER TABLE "CatalogTool" ADD CONSTRAINT "CatalogTool_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "CatalogServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CatalogHarvest" ADD CONSTRAINT "CatalogHarvest_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "CatalogServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CatalogEvent" ADD CONSTRAINT "CatalogEvent_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "CatalogServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;
