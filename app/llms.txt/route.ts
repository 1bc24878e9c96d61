import { llmsText } from "@/app/_server/site/llms.ts";
import { textResponse } from "@/app/_server/site/text-response.ts";

export const dynamic = "force-dynamic";

export async function GET(): Promise<Response> {
  return textResponse(await llmsText(), "text/plain");
}
