// Makes prisma/generated from prisma/schema.prisma, as `prisma generate` would, without the `prisma` command: that one brings
// 300 packages and wants to download an engine. The output is the same; the packages used here are internal to Prisma, so
// their pins in package.json are exact.
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

// `require`, because the ES module build of @prisma/client-common cannot be loaded by Node.
const require = createRequire(import.meta.url);

type Generator = { generate(): Promise<void>; stop(): void };
type Internals = {
  loadSchemaContext(options: {
    schemaPath: { cliProvidedPath: string; baseDir: string };
    printLoadMessage: boolean;
  }): Promise<unknown>;
  getGenerators(options: {
    schemaContext: unknown;
    registry: Record<string, { type: "in-process"; generator: unknown }>;
    skipDownload: boolean;
    noHints: boolean;
  }): Promise<Generator[]>;
};

export async function generate(): Promise<void> {
  const { getGenerators, loadSchemaContext } = require("@prisma/internals") as Internals;
  const { PrismaClientTsGenerator } = require("@prisma/client-generator-ts") as {
    PrismaClientTsGenerator: new () => unknown;
  };
  const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const generators = await getGenerators({
    schemaContext: await loadSchemaContext({
      schemaPath: { cliProvidedPath: path.join(root, "prisma/schema.prisma"), baseDir: root },
      printLoadMessage: false,
    }),
    registry: { "prisma-client": { type: "in-process", generator: new PrismaClientTsGenerator() } },
    skipDownload: true,
    noHints: true,
  });
  for (const generator of generators) {
    await generator.generate();
    generator.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await generate();
