import type { RiskCategory } from "../catalog/schema.ts";

/** What is decided about. */
export type ToolCall = {
  tool: string;
  category: RiskCategory;
  /**
   * Parsed `params.arguments`; `{}` when absent. NaN stands for a number literal that a double cannot hold exactly:
   * every operator but `exists` is indeterminate on it.
   */
  arguments: unknown;
  grant: { id: string; label: string };
  client: { name?: string };
  session: { id?: string };
  server: { id: string };
  organisation: { id: string };
  /** Milliseconds since the epoch. */
  now: number;
};

/** What an allowed call takes from one counter. */
export type Reservation = {
  /** The counter's identity, complete: JSON text, the same for every version of a policy that keeps the limit. */
  key: string;
  windowMs: number;
  /** Calendar windows only: the window that `now` is in, start inclusive, end exclusive, in milliseconds. */
  calendarStart?: number;
  calendarEnd?: number;
  max: number;
  amount: number;
  /** Once it is counted: when that was by the clock of whoever counts, where that is not the caller's. */
  countedAt?: number;
  /** JSON Pointer to the limit. */
  rule: string;
  onDeny?: string;
  /** Like: vm_create_image is limited to 10 calls a minute. */
  sentence: string;
};
