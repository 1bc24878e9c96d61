// What the simulation goes by. Measured ones come from `npx tsx bench/scale/measure.ts`: put other figures here for another machine.
type Input = { name: string; value: number; unit: string; from: string };

const here = "measured, 2 shared cores, all on one machine";

export const measured = {
  scriptUs: { name: "one run of the limits' script", value: 91, unit: "µs", from: here },
  journalAllowedBytes: { name: "journal, a call that was let through", value: 852, unit: "bytes", from: here },
  journalRefusedBytes: { name: "journal, a refusal", value: 554, unit: "bytes", from: here },
  shipPerSecond: { name: "records that Postgres takes, from one gateway", value: 7_000, unit: "a second", from: here },
  readGrantUs: { name: "reading one grant of the configuration", value: 5, unit: "µs", from: here },
  readPolicyUs: { name: "reading one changed policy, and acknowledging it", value: 3_000, unit: "µs", from: "assumed" },
  postgresCores: { name: "processors of Postgres", value: 8, unit: "", from: "assumed" },
  leaseS: { name: "lease of the configuration", value: 10, unit: "s", from: "gateway/policies.ts" },
} satisfies Record<string, Input>;
