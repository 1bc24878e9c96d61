-- AlterTable
ALTER TABLE "Server" ADD COLUMN     "methods" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "onDefinitionChange" TEXT NOT NULL DEFAULT 'hold',
ADD COLUMN     "wordsPinnedAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "Pin" (
    "serverId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "definition" TEXT NOT NULL,
    "definitionHash" TEXT NOT NULL,

    CONSTRAINT "Pin_pkey" PRIMARY KEY ("serverId","kind","name","definitionHash")
);

-- CreateTable
CREATE TABLE "DefinitionChange" (
    "serverId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "definitionHash" TEXT NOT NULL,
    "problem" TEXT NOT NULL DEFAULT 'changed',
    "definition" TEXT,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "seenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "reviewedAt" TIMESTAMPTZ(3),

    CONSTRAINT "DefinitionChange_pkey" PRIMARY KEY ("serverId","kind","name","definitionHash")
);

-- AddForeignKey
ALTER TABLE "Pin" ADD CONSTRAINT "Pin_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "Server"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DefinitionChange" ADD CONSTRAINT "DefinitionChange_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "Server"("id") ON DELETE CASCADE ON UPDATE CASCADE;
