-- CreateIndex
CREATE INDEX "CatalogEvent_kind_at_id_idx" ON "CatalogEvent"("kind", "at" DESC, "id" DESC);
