import { describe, expect, it } from "vitest";
import { ExampleGateway, exampleCalls } from "./example-gateway.ts";

const start = Date.UTC(2026, 0, 1);

describe("the example on the home page", () => {
  it("refuses the eleventh call within a minute, and allows one again after it", () => {
    const gateway = new ExampleGateway();
    for (let n = 0; n < 10; n += 1) expect(gateway.call("vm_create_image", start + n * 1_000).code).toBe("allowed");
    expect(gateway.call("vm_create_image", start + 10_000)).toMatchObject({
      code: "rate_limited",
      rule: "/tools/vm_create_image/limits/0",
    });
    expect(gateway.call("vm_create_image", start + 61_000).code).toBe("allowed");
  });

  it("refuses what the policy does not name", () => {
    expect(new ExampleGateway().call("vm_terminate", start)).toMatchObject({ code: "default_deny", rule: "/default" });
  });

  it("shows what it does before anybody presses a button", () => {
    expect(exampleCalls(start).map(({ code }) => code)).toEqual([
      ...Array.from({ length: 10 }, () => "allowed"),
      "rate_limited",
      "default_deny",
    ]);
  });
});
