import { describe, expect, it } from "vitest";
import { dateTrouble, expiresAt } from "./expiry.ts";

const now = Date.UTC(2026, 4, 10, 12);

describe("the end of a grant", () => {
  it("is nothing, some days from now, or the end of a day", () => {
    expect(expiresAt("never", "", now)).toBeUndefined();
    expect(expiresAt("7", "", now)).toBe("2026-05-17T12:00:00.000Z");
    expect(new Date(expiresAt("date", "2026-06-01", now) ?? "").getHours()).toBe(23);
    expect(new Date(expiresAt("date", "2026-06-01", now) ?? "").getDate()).toBe(1);
  });

  it("may not be over already", () => {
    expect(dateTrouble("date", "2026-05-01", now)).not.toBeNull();
    expect(dateTrouble("date", "", now)).not.toBeNull();
    expect(dateTrouble("date", "2026-05-12", now)).toBeNull();
    expect(dateTrouble("never", "", now)).toBeNull();
  });
});
