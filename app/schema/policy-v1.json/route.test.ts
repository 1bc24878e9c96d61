import { describe, expect, it } from "vitest";
import { isPublicPage } from "@/app/_server/pages.ts";
import { GET } from "./route.ts";

describe("the schema of the policy language", () => {
  it("is JSON Schema that everybody may read", async () => {
    expect(isPublicPage("/schema/policy-v1.json")).toBe(true);
    const response = GET();
    expect(response.headers.get("content-type")).toBe("application/schema+json; charset=utf-8");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(await response.json()).toMatchObject({ $id: "urn:policylayer:schema:policy-v1", type: "object" });
  });
});
