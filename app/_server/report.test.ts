import { describe, expect, it } from "vitest";
import { isDatabaseDown } from "./report.ts";

const coded = (code: string, more: object = {}) => Object.assign(new Error("a message"), { code, ...more });

describe("an exception", () => {
  it.each([
    coded("P1001"),
    coded("ECONNREFUSED"),
    coded("57P01"),
    coded("25006"),
    coded("P2039", { meta: { driverAdapterError: { cause: { code: "57P03" } } } }),
    new Error("Connection terminated unexpectedly"),
    new Error("wrapped", { cause: coded("ECONNRESET") }),
  ])("says that Postgres is away for now: %s", (cause) => expect(isDatabaseDown(cause)).toBe(true));

  it.each([
    coded("P2002"),
    coded("22021"),
    coded("P2039", { meta: { driverAdapterError: { cause: { code: "22021" } } } }),
    new TypeError("x is not a function"),
    "text",
    null,
  ])("is a bug of ours: %s", (cause) => expect(isDatabaseDown(cause)).toBe(false));
});
