import type { Metadata } from "next";
import { CatalogPanel } from "./catalog-panel.tsx";

export const metadata: Metadata = { title: "Catalog" };

export default function HarvestPage() {
  return <CatalogPanel />;
}
