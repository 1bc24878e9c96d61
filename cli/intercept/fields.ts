import { suggestion } from "../../policy/suggest.ts";
import type { Notes, Place } from "./notes.ts";
import type { YamlNode } from "./yaml.ts";

// The fields of the format, which ignores every other one. An unknown field may be a rule that its author believes in, so
// it denies; words about a rule and places for anchors may not be that.

const wordsOnly =
  /^(?:x-.*|[._].*|description|comments?|notes?|title|name|id|owner|author|tags|labels|metadata|homepage|server)$/i;

export type Fields<Name extends string> = Partial<Record<Name, YamlNode>>;

/**
 * The known fields of a map.
 *
 * @param deny Called for a field that may restrict.
 */
export function fieldsOf<Name extends string>(
  node: YamlNode & { kind: "map" },
  path: Place["path"],
  known: readonly Name[],
  notes: Notes,
  deny: (place: Place, sentence: string) => void,
): Fields<Name> {
  const fields: Fields<Name> = {};
  for (const { key, at, node: value } of node.entries) {
    const name = known.find((candidate) => candidate === key);
    const place = { path: [...path, key], node: { at } };
    if (name !== undefined) fields[name] = value;
    else if (wordsOnly.test(key)) notes.add(place, "left_out", `\`${cut(key)}\` restricts nothing there`);
    else deny(place, `\`${cut(key)}\` is no field there; ${suggestion(key, known)}`);
  }
  return fields;
}

/** A field that holds a text; "" when it is not there, null when it holds something else. */
export function textOf(node: YamlNode | undefined): string | null {
  if (node === undefined) return "";
  return node.kind === "scalar" ? node.text : null;
}

/** A list; empty when it is not there, null when it is something else. */
export function listOf(node: YamlNode | undefined): YamlNode[] | null {
  if (node === undefined || (node.kind === "scalar" && node.value === null)) return [];
  return node.kind === "list" ? node.items : null;
}

/** The JSON value of a node, or what is unclear about it. */
export function jsonValueOf(node: YamlNode): { ok: true; value: unknown } | { ok: false; sentence: string } {
  switch (node.kind) {
    case "scalar":
      if (node.unclear !== null) return { ok: false, sentence: `\`${cut(node.text)}\` ${node.unclear}` };
      return { ok: true, value: node.value };
    case "list": {
      const value: unknown[] = [];
      for (const item of node.items) {
        const read = jsonValueOf(item);
        if (!read.ok) return read;
        value.push(read.value);
      }
      return { ok: true, value };
    }
    case "map": {
      const entries: [string, unknown][] = [];
      for (const entry of node.entries) {
        const read = jsonValueOf(entry.node);
        if (!read.ok) return read;
        entries.push([entry.key, read.value]);
      }
      return { ok: true, value: Object.fromEntries(entries) };
    }
  }
}

export function cut(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}
