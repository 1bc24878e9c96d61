import { type CallFilters, callFilterNames } from "@/app/_client/queries.ts";

/** The filters that an address says, and nothing else of it. */
export function filtersIn(params: URLSearchParams): CallFilters {
  const entries = [...callFilterNames, "id" as const].flatMap((name) => {
    const value = params.get(name) ?? "";
    return value === "" ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

/** What takes every filter away. */
export const noFilters: Record<string, string> = Object.fromEntries(
  [...callFilterNames, "id"].map((name) => [name, ""]),
);

export const outcomeWords: Record<string, string> = {
  none: "Not forwarded",
  pending: "Waiting for the server's answer",
  answered: "The server answered",
  tool_error: "The tool reported an error",
  upstream_error: "The server answered with an error",
  not_sent: "Could not be handed to the server; its limits were given back",
  unknown: "Not known: the connection broke after the call was sent",
};

export const outcomeLabels: Record<string, string> = {
  none: "Not forwarded",
  pending: "No answer yet",
  answered: "Answered",
  tool_error: "Tool error",
  upstream_error: "Server error",
  not_sent: "Not sent",
  unknown: "Not known",
};
