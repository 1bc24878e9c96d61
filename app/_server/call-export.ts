// The calls that fit a filter as a file, page after page as fast as somebody reads it: the memory it takes does not depend on how
// many they are, and no transaction stays open meanwhile.
import { Prisma } from "../../prisma/client.ts";
import type { CallAnswer, CallFilters } from "../api/v1/schemas.ts";
import { callConditions, callView, wordsCondition } from "./call-query.ts";
import { readCalls } from "./calls.ts";
import { report } from "./report.ts";

const pageSize = 1_000;

const fields = [
  ...["at", "id", "serverId", "grantId", "sessionId", "clientName", "method", "tool", "code", "rule", "message"],
  ...["wouldDeny", "policyId", "policyVersion", "approvalId", "argumentKeys", "outcome", "upstreamStatus"],
  ...["upstreamMs", "gatewayMs", "shadowVersion", "shadowCode", "shadowRule", "traceparent"],
] as const satisfies readonly (keyof CallAnswer)[];

export type ExportFormat = "csv" | "jsonl";

/** Newest first. */
export function exportCalls(
  organisationId: string,
  filters: CallFilters,
  format: ExportFormat,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const lineOf = format === "csv" ? csvLine : (call: CallAnswer) => `${JSON.stringify(call)}\n`;
  let before: string | null = null;
  let isFirst = true;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const rows = await readCalls(
            Prisma.sql`${callConditions(organisationId, filters)} ${before === null ? Prisma.empty : Prisma.sql`AND "id" < ${before}::uuid`}`,
            wordsCondition(filters),
            pageSize,
          );
          const head = isFirst && format === "csv" ? `${fields.join(",")}\r\n` : "";
          isFirst = false;
          before = rows.at(-1)?.id ?? null;
          const text = head + rows.map((row) => lineOf(callView(row))).join("");
          if (text !== "") controller.enqueue(encoder.encode(text));
          if (rows.length < pageSize) controller.close();
        } catch (cause) {
          // The file is cut off rather than complete and wrong: whoever reads it sees the broken connection.
          report("an export of calls", cause);
          controller.error(cause);
        }
      },
    },
    { highWaterMark: 1 },
  );
}

/** RFC 4180. */
export function csvLine(call: CallAnswer): string {
  return `${fields.map((field) => csvField(call[field])).join(",")}\r\n`;
}

function csvField(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = neutral(Array.isArray(value) ? value.join(" ") : String(value));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What a spreadsheet would take for a formula, it shows as text behind an apostrophe: names and words here are others' choice. */
function neutral(text: string): string {
  return /^[\s]*[=+\-@\t\r＝＋－＠]/u.test(text) ? `'${text}` : text;
}
