// The dashboard's way to the management API: one function that always answers, with a value or with a named trouble.
import type { ProblemDetails } from "../api/v1/schemas.ts";

/** What went wrong, for a person. `code` is stable; `detail` is a sentence that can be shown as it is. */
export type Trouble = {
  code: string;
  status: number;
  detail: string;
  /** What is wrong in the request body, by JSON Pointer. */
  errors: readonly { pointer: string; message: string }[];
  /** Members of the problem document beyond the standard ones. */
  more: Record<string, unknown>;
};

export type Answer<T> = { ok: true; value: T } | { ok: false; trouble: Trouble };

/** A trouble as react-query wants it: thrown. */
export class ApiError extends Error {
  readonly trouble: Trouble;
  constructor(trouble: Trouble) {
    super(trouble.detail);
    this.trouble = trouble;
  }
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Sends one request to `/api/v1`. Never rejects: no connection is the trouble `offline`. */
export async function send<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer<T>> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: "same-origin",
      headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    const aborted = cause instanceof DOMException && cause.name === "AbortError";
    return failed(
      aborted ? "cancelled" : "offline",
      0,
      aborted
        ? "The request was cancelled."
        : "PolicyLayer cannot be reached. Check that it is running, then try again.",
    );
  }
  const answer = await readJson(response);
  if (response.ok) return { ok: true, value: answer as T };
  return { ok: false, trouble: troubleOf(response.status, answer) };
}

/** Like `send` with GET, for react-query. @throws ApiError */
export async function load<T>(path: string, signal?: AbortSignal): Promise<T> {
  const answer = await send<T>("GET", path, undefined, signal);
  if (!answer.ok) throw new ApiError(answer.trouble);
  return answer.value;
}

/** All items of a list, page after page. @throws ApiError */
export async function loadAll<T>(path: string, signal?: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const next: string =
      cursor === null ? path : `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}`;
    const page: { items: T[]; nextCursor: string | null } = await load(next, signal);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

/** The trouble of a failed query, whatever was thrown. */
export function troubleIn(error: unknown): Trouble {
  if (error instanceof ApiError) return error.trouble;
  const detail = error instanceof Error ? error.message : "Something went wrong.";
  return { code: "bug", status: 0, detail, errors: [], more: {} };
}

/** The message for one field of the request body, if it was refused. `field` is the JSON Pointer without its first slash. */
export function fieldError(trouble: Trouble | null, field: string): string | undefined {
  const found = trouble?.errors.find(
    (error) => error.pointer === `/${field}` || error.pointer.startsWith(`/${field}/`),
  );
  return found && sentence(found.message);
}

/** Makes a message of the API (no capital, no period) a sentence. */
export function sentence(message: string): string {
  const text = message.trim();
  if (text === "") return "";
  // The last line of several is a program's own output, and not ours to end.
  const isWhole = /[.!?:]$/.test(text) || text.includes("\n");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${isWhole ? "" : "."}`;
}

async function readJson(response: Response): Promise<unknown> {
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function troubleOf(status: number, answer: unknown): Trouble {
  if (typeof answer === "object" && answer !== null && "code" in answer && typeof answer.code === "string") {
    const { type: _type, title, status: _status, code, detail, errors, ...more } = answer as ProblemDetails;
    return { code, status, detail: sentence(detail ?? title), errors: errors ?? [], more };
  }
  const detail =
    status >= 500
      ? "PolicyLayer could not answer. Try again in a moment."
      : `The request was refused with HTTP status ${status}.`;
  return { code: `http_${status}`, status, detail, errors: [], more: {} };
}

function failed(code: string, status: number, detail: string): Answer<never> {
  return { ok: false, trouble: { code, status, detail, errors: [], more: {} } };
}
