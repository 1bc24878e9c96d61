import { expect, it } from "vitest";
import { placeOf } from "./place-of.ts";

const text = '{ "tools": { "a/b": { "limits": [{ "max": 1 }] } } }';
const at = (pointer: string) => {
  const place = placeOf(text, pointer);
  return place && text.slice(place.from, place.to);
};

it("finds the place of a pointer", () => {
  expect(at("/tools/a~1b/limits/0")).toBe('{ "max": 1 }');
  expect(at("/tools/a~1b/limits/0/max")).toBe("1");
  expect(at("")).toBe(text);
});

it("finds the nearest place around one that is not there", () => {
  expect(at("/tools/a~1b/action")).toBe('{ "limits": [{ "max": 1 }] }');
  expect(at("/tools/a~1b/limits/7")).toBe('[{ "max": 1 }]');
  expect(placeOf("{", "/tools")).toBeNull();
});
