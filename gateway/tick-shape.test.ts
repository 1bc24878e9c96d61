import { expect, it } from "vitest";
import { keptTick } from "./tick-shape.ts";

it("keeps an object of process.nextTick: another version of Node may call it something else", () => {
  expect(keptTick).toMatchObject({ callback: expect.any(Function) });
});
