import { describe, expect, it } from "vitest";
import { argumentFields, canShow, fieldsOf, recordedValues, startValues, valueField } from "./argument-form.ts";

const vmCreate = {
  type: "object",
  properties: {
    spot: { type: "boolean", default: true },
    instanceType: { type: "string", enum: ["t3.micro", "t3.small"] },
    name: { type: "string", description: " What it is called " },
    count: { type: "integer", minimum: 2, maximum: 9 },
    tags: { type: "array", items: { type: "string" } },
    disk: { $ref: "#/$defs/disk" },
    anything: {},
    region: { anyOf: [{ type: "string" }, { type: "null" }], examples: ["eu-1"] },
  },
  required: ["name", "instanceType", "disk"],
  $defs: {
    disk: {
      type: "object",
      properties: { size: { type: "number" }, fast: { type: "boolean" } },
      required: ["size"],
    },
  },
};

describe("the form of a tool's arguments", () => {
  const fields = argumentFields(vmCreate);
  const byName = Object.fromEntries(fields.map((field) => [field.name, field]));

  it("has a field for each argument, required ones first", () => {
    expect(fields.map(({ name, kind, required }) => `${name}: ${kind}${required ? "!" : ""}`)).toEqual([
      "instanceType: choice!",
      "name: text!",
      "disk: object!",
      "spot: boolean",
      "count: number",
      "tags: list",
      "anything: json",
      "region: text",
    ]);
    expect(byName.name?.description).toBe("What it is called");
  });

  it("begins with what the schema gives, else with the least that fits", () => {
    expect(startValues(fields)).toEqual({ instanceType: "t3.micro", name: "", disk: { size: 1 } });
    expect(["spot", "count", "tags", "anything", "region"].map((name) => byName[name]?.start)).toEqual([
      true,
      2,
      [],
      null,
      "eu-1",
    ]);
  });

  it("shows a value of another type as what it is", () => {
    const [count, type] = [byName.count, byName.instanceType];
    expect(count && [canShow(count, 3), canShow(count, "3")]).toEqual([true, false]);
    expect(type && [canShow(type, "t3.small"), canShow(type, "m5.large")]).toEqual([true, false]);
  });

  it("reads a list's items by their schema", () => {
    expect(valueField(byName.tags?.item, vmCreate)).toMatchObject({ kind: "text", start: "" });
  });

  it("ends, whatever the schema is", () => {
    const node = { $ref: "#" };
    const endless = { type: "object", properties: { child: node }, required: ["child"] };
    expect(JSON.stringify(startValues(argumentFields(endless))).length).toBeLessThan(200);
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`a${index}`, { type: "string" }]));
    expect(argumentFields({ type: "object", properties: many })).toHaveLength(200);
    for (const schema of [null, 5, [], { properties: 3 }, { $ref: "#/x" }, { anyOf: [{ anyOf: [] }] }, undefined]) {
      expect(argumentFields(schema)).toEqual([]);
      expect(fieldsOf([], schema)).toEqual([]);
    }
  });

  it("takes what is on record of a call, and starts as in a new call what is not", () => {
    const fields = argumentFields({
      type: "object",
      properties: {
        name: { type: "string" },
        type: { type: "string", default: "t3.small" },
        count: { type: "number" },
      },
      required: ["name"],
    });
    const recorded = { arguments: { type: "m5.xlarge", name: null, other: null }, missing: ["name", "other"] };
    expect(recordedValues(recorded, fields)).toEqual({ type: "m5.xlarge", name: "", other: null });
  });

  it("does not take a default for a value of another type", () => {
    expect(valueField({ type: "number", default: "many" }, {}).start).toBe(1);
  });
});
