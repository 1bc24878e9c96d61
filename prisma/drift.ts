// Whether the migrations build what schema.prisma says. Asks Prisma's own schema engine, in its WebAssembly form: it is in
// node_modules already, the native one would be a download. Development and CI only; starting needs none of this.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
} from "@prisma/driver-adapter-utils";
import pg from "pg";
import { deploy, migrationsDir } from "./migrate.ts";

const schemaFile = path.join(path.dirname(migrationsDir), "schema.prisma");

/**
 * The SQL that is missing from the migrations to reach `schema.prisma`; empty when they are in step.
 *
 * The migrations are applied to a new database beside the given one, by `deploy` itself, and compared there. Once per process:
 * a second instance of the engine corrupts the first and crashes Node.
 *
 * @param adminUrl A database of a server on which databases may be created.
 */
export async function missingMigration(adminUrl: string, dir: string = migrationsDir): Promise<string> {
  const name = `policylayer_drift_${randomUUID().slice(0, 8)}`;
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(`CREATE DATABASE "${name}"`);
    const url = new URL(adminUrl);
    url.pathname = `/${name}`;
    await deploy(url.href, dir);
    return await compare(url.href, await readFile(schemaFile, "utf8"));
  } finally {
    await admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    await admin.end();
  }
}

async function compare(url: string, schema: string): Promise<string> {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on("error", () => {}); // its connections are cut when the database is dropped
  try {
    const files = [{ path: "schema.prisma", content: schema }];
    const engine = await loadEngine(schema, pool);
    const difference = await engine.diff({
      from: { tag: "schemaDatasource", files, configDir: path.dirname(schemaFile) },
      to: { tag: "schemaDatamodel", files },
      script: true,
      exitCode: true,
      shadowDatabaseUrl: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    return difference.exitCode === 0 ? "" : (difference.stdout ?? "");
  } finally {
    await pool.end();
  }
}

type Engine = {
  diff(params: object): Promise<{ exitCode: number; stdout: string | null }>;
};

async function loadEngine(schema: string, pool: pg.Pool): Promise<Engine> {
  const glue = await import("@prisma/schema-engine-wasm/schema_engine_bg");
  const gluePath = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const code = await readFile(gluePath.replace(/\.js$/, ".wasm"));
  const { instance } = await WebAssembly.instantiate(code, { "./schema_engine_bg.js": glue as never });
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as (() => void) | undefined)?.();
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: (text: string) => console.error(text) } });
  const factory = bindMigrationAwareSqlAdapterFactory(adapterFactory(pool));
  return (await glue.SchemaEngine.new({ datamodels: [["schema.prisma", schema]] }, () => {}, factory)) as Engine;
}

function adapterFactory(pool: pg.Pool): SqlMigrationAwareDriverAdapterFactory {
  return {
    provider: "postgres",
    adapterName: "@prisma/adapter-pg",
    connect: () => adapter(pool),
    connectToShadowDb: () => Promise.reject(new Error("not needed: the migrations are applied by deploy()")),
  };
}

const charOid = 18;
const bpcharOid = 1042;

/**
 * Prisma's adapter, taught the type `"char"`, which its own engine asks for in every introspection and it does not know. We call
 * it bpchar on the way in and name it a character on the way out.
 */
async function adapter(pool: pg.Pool) {
  const stock = await new PrismaPg(pool).connect();
  const open = stock as unknown as { performIO(query: SqlQuery): Promise<{ fields: { dataTypeID: number }[] }> };
  const performIO = open.performIO.bind(stock);
  const queryRaw = stock.queryRaw.bind(stock);
  const charColumns = new WeakMap<SqlQuery, boolean[]>();
  open.performIO = async (query) => {
    const result = await performIO(query);
    charColumns.set(
      query,
      result.fields.map((field) => field.dataTypeID === charOid),
    );
    for (const field of result.fields) if (field.dataTypeID === charOid) field.dataTypeID = bpcharOid;
    return result;
  };
  stock.queryRaw = async (query) => {
    const result = await queryRaw(query);
    const isChar = charColumns.get(query) ?? [];
    return {
      ...result,
      columnTypes: result.columnTypes.map((type, at) => (isChar[at] ? ColumnTypeEnum.Character : type)),
    };
  };
  return stock;
}
