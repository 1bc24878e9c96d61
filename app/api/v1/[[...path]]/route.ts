// Addresses under /api/v1 that are nobody's.
import { problemResponse, refuse } from "@/app/_server/refusals.ts";

const notFound = () => problemResponse(refuse("not_found"));

export { notFound as DELETE, notFound as GET, notFound as PATCH, notFound as POST, notFound as PUT };
