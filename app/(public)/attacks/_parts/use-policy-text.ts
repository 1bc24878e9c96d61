"use client";
import { useMemo, useState } from "react";
import type { Policy } from "../../../../policy/compile.ts";
import { parsePolicy } from "../../../../policy/parse.ts";

/** The text of a policy that a reader may change, and the last state of it that can be decided by. */
export function usePolicyText(initial: string): {
  text: string;
  /** Null when even the first text cannot be read. */
  policy: Policy | null;
  problem: string | null;
  isChanged: boolean;
  setText: (text: string) => void;
} {
  const [text, setText] = useState(initial);
  const parsed = useMemo(() => parsePolicy(text), [text]);
  const [good, setGood] = useState<Policy | null>(parsed.ok ? parsed.policy : null);
  if (parsed.ok && parsed.policy !== good) setGood(parsed.policy);
  const [first] = parsed.ok ? [] : parsed.problems;
  const problem = first === undefined ? null : `${first.pointer || "The document"}: ${first.message}`;
  return { text, policy: parsed.ok ? parsed.policy : good, problem, isChanged: text !== initial, setText };
}
