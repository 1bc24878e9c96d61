// Jobs on the catalog as the API asks for and shows them. What carries them out is job-runner.ts.
import * as z from "zod";
import { readHarvestTarget } from "../../../catalog/harvest.ts";
import { readRegistryPage } from "../../../catalog/registry.ts";
import { database, type Prisma } from "../../../prisma/client.ts";
import {
  type CatalogJobAnswer,
  type catalogJobBody,
  catalogJobSchema,
  type catalogJobsQuery,
} from "../../api/v1/schemas.ts";
import { mayFillCatalog } from "../accounts.ts";
import { audit } from "../audit.ts";
import type { Member } from "../member.ts";
import { Refusal, refuse } from "../refusals.ts";
import { refuseCommand } from "../servers.ts";
import { type Page, pageOf, readCursor } from "./cursor.ts";
import { announceJob } from "./job-notices.ts";

type Body = z.output<typeof catalogJobBody>;
type Wanted = { kind: Body["kind"]; target: string; input?: string };

/** Of one organisation, waiting or running. */
const openJobsMax = 500;

/** Puts a job in line. The same job twice at a time is refused. */
export async function createJob(member: Member, body: Body): Promise<CatalogJobAnswer | Refusal> {
  const refusal = (await refuseFilling(member)) ?? (body.kind === "npm" ? await refuseCommand(member) : null);
  if (refusal) return refusal;
  const wanted = readWanted(body);
  if (wanted instanceof Refusal) return wanted;

  const organisationId = member.organisation.id;
  const open = { organisationId, status: { in: ["queued", "running"] } };
  const { kind, target } = wanted;
  return await database().$transaction(async (tx) => {
    // Two requests at once are looked at one after the other.
    await tx.$queryRaw`SELECT 1 FROM "Organisation" WHERE "id" = ${organisationId}::uuid FOR UPDATE`;
    const same = await tx.catalogJob.findFirst({ where: { ...open, kind, target }, select: { id: true } });
    if (same) return refuse("job_waiting", { members: { id: same.id } });
    if ((await tx.catalogJob.count({ where: open })) >= openJobsMax) return refuse("too_many_jobs");
    const job = await tx.catalogJob.create({ data: { organisationId, userId: member.userId, ...wanted } });
    await announceJob(tx, job.id);
    await audit(tx, member, {
      action: "catalog_job.created",
      target: { kind: "catalog_job", id: job.id, name: target },
      after: job,
    });
    return view(job);
  });
}

/** The catalog is public, and one for all organisations. */
async function refuseFilling(member: Member): Promise<Refusal | null> {
  if (await mayFillCatalog(member)) return null;
  return refuse("catalog_not_yours", {
    detail:
      "The catalog is public and shared by everyone here: only admins of the organisation that signed up first may add to it, unless ALLOW_STDIO=1 is set where PolicyLayer runs.",
  });
}

function readWanted(body: Body): Wanted | Refusal {
  if (body.kind === "registry" && body.document !== undefined) return readDocument(body.target, body.document);
  if (body.kind !== "npm") return readAddress(body);
  const target = readHarvestTarget(body.target);
  if (target?.kind !== "npm") return wrong("/target", "must be a package of npm, like @scope/name or name@1.2.3");
  return { kind: "npm", target: target.version === undefined ? target.package : `${target.package}@${target.version}` };
}

/** What is harvested is shown to everybody with its address. */
function readAddress({ kind, target }: Exclude<Body, { kind: "npm" }>): Wanted | Refusal {
  if (!/^https?:\/\//i.test(target) || !URL.canParse(target))
    return wrong("/target", "must be an http or https address");
  const url = new URL(target);
  if (url.username !== "" || url.password !== "") {
    return wrong("/target", "must not have a user name or password in it: the catalog is public");
  }
  if (kind === "url" && (url.search !== "" || url.hash !== "")) {
    return wrong("/target", "must have nothing behind `?` or `#`: the catalog is public, and a key may stand there");
  }
  return { kind, target: url.href };
}

function readDocument(target: string, document: unknown): Wanted | Refusal {
  let value = document;
  if (typeof document === "string") {
    try {
      value = JSON.parse(document);
    } catch {
      return wrong("/document", "is not JSON");
    }
  }
  const { entries, problems } = readRegistryPage(value);
  if (entries.length === 0) return wrong("/document", problems[0] ?? "lists no server");
  return { kind: "registry", target, input: JSON.stringify(value) };
}

function wrong(pointer: string, message: string): Refusal {
  return refuse("invalid_body", { errors: [{ pointer, message }] });
}

const place = z.tuple([z.iso.datetime(), z.uuid()]);

export async function listJobs(
  member: Member,
  { cursor, limit }: z.output<typeof catalogJobsQuery>,
): Promise<Page<CatalogJobAnswer>> {
  const after = cursor === undefined ? null : readCursor(cursor, place);
  if (cursor !== undefined && after === null) return { items: [], nextCursor: null };
  const rows = await database().catalogJob.findMany({
    where: {
      organisationId: member.organisation.id,
      ...(after ? { OR: [{ createdAt: { lt: after[0] } }, { createdAt: after[0], id: { lt: after[1] } }] } : {}),
    },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: limit + 1,
    omit: { input: true },
  });
  return pageOf(rows, limit, view, ({ createdAt, id }) => [createdAt.toISOString(), id]);
}

export async function readJob(member: Member, id: string): Promise<CatalogJobAnswer | Refusal> {
  const where = { id, organisationId: member.organisation.id };
  const job = await database().catalogJob.findFirst({ where, omit: { input: true } });
  return job ? view(job) : refuse("not_found");
}

/** Takes effect at once, also on what is running; cancelling what has ended is fine. */
export async function cancelJob(member: Member, id: string): Promise<Refusal | undefined> {
  return await database().$transaction(async (tx) => {
    const own = { id, organisationId: member.organisation.id };
    const before = await tx.catalogJob.findFirst({ where: own, omit: { input: true } });
    if (!before) return refuse("not_found");
    const { count } = await tx.catalogJob.updateMany({
      where: { ...own, status: { in: ["queued", "running"] } },
      data: { status: "cancelled", message: "Cancelled.", input: null, endedAt: new Date() },
    });
    await announceJob(tx, id);
    if (count > 0) {
      const target = { kind: "catalog_job", id, name: before.target } as const;
      await audit(tx, member, {
        action: "catalog_job.cancelled",
        target,
        before,
        after: { ...before, status: "cancelled" },
      });
    }
    return undefined;
  });
}

type Row = Omit<Prisma.CatalogJobGetPayload<object>, "input">;
const shapes = catalogJobSchema.pick({ kind: true, status: true, result: true });

function view({ id, target, done, total, message, createdAt, startedAt, endedAt, ...row }: Row): CatalogJobAnswer {
  return {
    id,
    target,
    done,
    total,
    message,
    ...shapes.parse({ kind: row.kind, status: row.status, result: row.result }),
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
  };
}
