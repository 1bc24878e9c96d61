-- AlterTable
ALTER TABLE "CatalogJob" ADD COLUMN     "attempts" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "input" TEXT;
