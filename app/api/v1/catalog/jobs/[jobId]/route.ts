import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { cancelJob, readJob } from "@/app/_server/catalog/jobs.ts";
import { catalogJobSchema, idSchema } from "@/app/api/v1/schemas.ts";

const params = z.strictObject({ jobId: idSchema });

export const GET = apiRoute({
  summary: "How far a job is, and what came of it.",
  permission: "catalog.manage",
  params,
  answer: catalogJobSchema,
  status: 200,
  handle: ({ member, params }) => readJob(member, params.jobId),
});

export const DELETE = apiRoute({
  summary: "Cancel a job that waits or runs. One that has ended stays as it is.",
  permission: "catalog.manage",
  params,
  status: 204,
  handle: ({ member, params }) => cancelJob(member, params.jobId),
});

export const { POST, PUT, PATCH } = otherMethodsThan("GET", "DELETE");
