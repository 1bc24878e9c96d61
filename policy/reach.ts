// How far a grant gets with a tool. Apart from what finds it out, so that a page can name it without the whole evaluator.

/** From furthest to least. */
export const reaches = [
  /** Every call goes through. */
  "freely",
  /** Some calls may be refused, or wait for a person. */
  "under_conditions",
  /** No call goes through without a person. */
  "with_approval",
  /** No call goes through. */
  "never",
] as const;
export type Reach = (typeof reaches)[number];
