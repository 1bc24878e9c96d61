import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../../policy/parse.ts";
import { startingPoints } from "./starting-points.ts";

describe("the starting points of a policy", () => {
  it.each(startingPoints.map(({ id, document }) => [id, document]))("%s can be published as it is", (_, document) => {
    expect(parsePolicy(document ?? "")).toMatchObject({ ok: true, problems: [] });
  });
});
