-- AlterTable
ALTER TABLE "Call" ADD COLUMN     "sealedArguments" TEXT,
ADD COLUMN     "shadowCode" TEXT,
ADD COLUMN     "shadowRule" TEXT,
ADD COLUMN     "shadowVersion" INTEGER;

-- AlterTable
ALTER TABLE "Policy" ADD COLUMN     "shadowSince" TIMESTAMPTZ(3),
ADD COLUMN     "shadowVersion" INTEGER;

-- AlterTable
ALTER TABLE "Server" ADD COLUMN     "logArgumentValues" BOOLEAN NOT NULL DEFAULT true;
