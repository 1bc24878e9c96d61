// node --import tsx prisma/prepare-database.ts: brings the database of DATABASE_URL to this version, for installations that start web and
// gateway without start.ts. Safe to run from several machines at once, and again.
import { seedCatalog } from "./catalog-seed.ts";
import { deploy } from "./migrate.ts";

const url = process.env.DATABASE_URL;
if (!url) throw new Error("DATABASE_URL is not set");
const applied = await deploy(url);
const seeded = await seedCatalog(url);
console.log(
  `PolicyLayer: ${applied.length} migrations applied, ${seeded ? `${seeded.servers} servers` : "nothing new"} for the catalog`,
);
