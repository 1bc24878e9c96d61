// How long the database takes: every statement that goes over a connection of this process is timed, from sending it to its last row.
import { readdirSync, readFileSync } from "node:fs";
import pg from "pg";

type Statement = { text: string; values: unknown[]; ms: number };

let statements: Statement[] = [];

/** From here on statements are timed. */
export function watchStatements(): void {
  const original = pg.Client.prototype.query as (...given: unknown[]) => unknown;
  pg.Client.prototype.query = function timed(this: pg.Client, ...given: unknown[]): unknown {
    const [first, second] = given;
    const text = typeof first === "string" ? first : ((first as { text?: string } | undefined)?.text ?? "");
    const values = (first as { values?: unknown[] } | undefined)?.values ?? (Array.isArray(second) ? second : []);
    const from = performance.now();
    const done = () => void statements.push({ text, values, ms: performance.now() - from });
    const callback = given.at(-1);
    if (typeof callback === "function") {
      return original.call(this, ...given.slice(0, -1), (...answer: unknown[]) => {
        done();
        callback(...answer);
      });
    }
    const result = original.call(this, ...given);
    if (result instanceof Promise) result.then(done, done);
    return result;
  } as typeof pg.Client.prototype.query;
}

export type Timed = { databaseMs: number; slowest: Statement | null };

/** What a piece of work costs at the database: its statements one after the other, also where they ran side by side. */
export async function time(work: () => Promise<unknown>): Promise<Timed> {
  statements = [];
  await work();
  const slowest = statements.reduce<Statement | null>(
    (worst, next) => (worst && worst.ms >= next.ms ? worst : next),
    null,
  );
  return { databaseMs: statements.reduce((sum, { ms }) => sum + ms, 0), slowest };
}

/** The process from which a connection's one comes; null where /proc does not tell, or it runs elsewhere. */
export async function postmasterOf(client: pg.Client): Promise<number | null> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const backend = fieldsOf(rows[0]?.pid ?? 0);
  return backend?.name === "postgres" ? backend.parent : null;
}

/** Processor time that each process of a Postgres took so far, in ms. */
export function processorMs(postmaster: number): Map<string, number> {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return new Map(
    pids.flatMap((pid) => {
      const fields = fieldsOf(Number(pid));
      return fields?.parent === postmaster ? [[pid, fields.ms] as const] : [];
    }),
  );
}

/** What those took that were there all the time; others come and go, and clean up behind everybody. */
export function processorMsBetween(before: Map<string, number>, after: Map<string, number>): number {
  return [...before].reduce((sum, [pid, ms]) => sum + (after.has(pid) ? (after.get(pid) ?? 0) - ms : 0), 0);
}

const msOfTick = 10;

function fieldsOf(pid: number): { name: string; parent: number; ms: number } | null {
  try {
    const [, name = "", rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    const fields = rest.split(" ").map(Number);
    return { name, parent: fields[1] ?? 0, ms: ((fields[11] ?? 0) + (fields[12] ?? 0)) * msOfTick };
  } catch {
    return null; // gone meanwhile
  }
}
