import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { createJob, listJobs } from "@/app/_server/catalog/jobs.ts";
import { catalogJobBody, catalogJobSchema, catalogJobsQuery, pageOf } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "The organisation's jobs on the catalog, newest first.",
  permission: "catalog.manage",
  query: catalogJobsQuery,
  answer: pageOf(catalogJobSchema),
  status: 200,
  handle: ({ member, query }) => listJobs(member, query),
});

export const POST = apiRoute({
  summary:
    "List a published server's tools into the catalog, or import a registry. Answers at once; the work goes on by itself.",
  permission: "catalog.manage",
  body: catalogJobBody,
  answer: catalogJobSchema,
  status: 201,
  refusals: ["catalog_not_yours", "stdio_not_allowed", "job_waiting", "too_many_jobs"],
  handle: ({ member, body }) => createJob(member, body),
});

export const { PUT, PATCH, DELETE } = otherMethodsThan("GET", "POST");
