import { isDeepEqual } from "./deep-equal.ts";
import { type JsonNode, parseJson, plainValue } from "./json.ts";

// Changes a JSON text into another value by touching only what differs, so that a person finds their own layout again.

type ObjectNode = JsonNode & { kind: "object" };
type ArrayNode = JsonNode & { kind: "array" };
type Fields = Record<string, unknown>;
type Field = readonly [key: string, value: unknown];

/**
 * The text, rewritten to hold `value`. New fields go where `value` has them; new parts are written the way their
 * neighbours are, in one line or indented.
 *
 * @param text Strict JSON without duplicate keys; anything else comes back unchanged.
 */
export function rewrite(text: string, value: unknown): string {
  const { root, problems } = parseJson(text);
  if (root === null || problems.length > 0) return text;
  return new Rewriter(text, layoutOf(text), null).change(plainValue(root), value);
}

/** How the whole text is written. */
type Layout = { eol: string; unit: string; inOneLine: boolean; isTight: boolean };

function layoutOf(text: string): Layout {
  const inOneLine = !text.trim().includes("\n");
  return {
    eol: text.includes("\r\n") ? "\r\n" : "\n",
    unit: /^\s*\{[^\S\n]*\r?\n([ \t]+)"/.exec(text)?.[1] ?? "  ",
    inOneLine,
    isTight: inOneLine && text.includes('":"'),
  };
}

class Rewriter {
  private text: string;
  private readonly layout: Layout;
  /** The white space at the start of the line that the text begins in; null for a whole text. */
  private readonly lead: string | null;

  constructor(text: string, layout: Layout, lead: string | null) {
    this.text = text;
    this.layout = layout;
    this.lead = lead;
  }

  change(before: unknown, after: unknown): string {
    if (Array.isArray(before) && Array.isArray(after)) this.array(before, after);
    else if (isFields(before) && isFields(after)) this.object(before, after);
    else if (before !== after) this.replace(after);
    return this.text;
  }

  private object(before: Fields, after: Fields): void {
    for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) this.removeField(key);
    let previous: string | null = null;
    // New fields that stand together go in together: finding the place means reading the text again.
    let added: Field[] = [];
    for (const key of Object.keys(after)) {
      if (Object.hasOwn(before, key)) {
        this.insertFields(added, previous);
        added = [];
        previous = key;
      } else added.push([key, after[key]]);
    }
    this.insertFields(added, previous);
    const isChanged = (key: string) =>
      Object.hasOwn(before, key) && Object.hasOwn(after, key) && !isDeepEqual(before[key], after[key]);
    if (Object.keys(after).some(isChanged)) {
      const { members } = this.node() as ObjectNode;
      // From the last to the first, so that the places of those to come stay what they are.
      for (const { key, node } of members.toReversed()) {
        if (isChanged(key)) this.part(node, before[key], after[key]);
      }
    }
  }

  private array(before: readonly unknown[], after: readonly unknown[]): void {
    const removed = removedFrom(before, after);
    if (removed) {
      for (const index of removed.reverse()) this.removeItem(index);
      return;
    }
    if (after.length < before.length) {
      this.replace(after);
      return;
    }
    const { items } = this.node() as ArrayNode;
    for (const [index, node] of [...items.entries()].reverse()) {
      if (!isDeepEqual(before[index], after[index])) this.part(node, before[index], after[index]);
    }
    for (const item of after.slice(before.length)) this.appendItem(item);
  }

  /** Changes a part as a text of its own: reading the whole text again for each change would take a second for 400 rules. */
  private part(node: JsonNode, before: unknown, after: unknown): void {
    const text = this.text.slice(node.from, node.to);
    const part = new Rewriter(text, this.layout, this.indentAt(node.from));
    this.splice(node.from, node.to, part.change(before, after));
  }

  private replace(value: unknown): void {
    const node = this.node();
    this.splice(node.from, node.to, this.render(value, this.isInline(node), this.indentAt(node.from)));
  }

  private removeField(key: string): void {
    const node = this.node() as ObjectNode;
    const index = node.members.findIndex((member) => member.key === key);
    const spans = node.members.map((member) => ({ from: member.from, to: member.node.to }));
    this.removeSpan(node, spans, index);
  }

  private removeItem(index: number): void {
    const node = this.node() as ArrayNode;
    this.removeSpan(node, node.items, index);
  }

  private removeSpan(node: JsonNode, spans: readonly { from: number; to: number }[], index: number): void {
    const [previous, span, next] = [spans[index - 1], spans[index], spans[index + 1]];
    if (!span) return;
    // The next one moves to the place of the removed one; the last one takes the comma before it along.
    if (next) this.splice(span.from, next.from, "");
    else if (previous) this.splice(previous.to, span.to, "");
    else this.splice(node.from + 1, node.to - 1, "");
  }

  /** Puts fields after the one named `previous`. @returns The name of the last field before what follows. */
  private insertFields(fields: readonly Field[], previous: string | null): string | null {
    const [first, ...others] = fields;
    if (!first) return previous;
    const node = this.node() as ObjectNode;
    const neighbour = node.members.find((member) => member.key === previous) ?? node.members[0];
    if (!neighbour) {
      const [key, value] = first;
      this.splice(node.from, node.to, this.wrapped("{", this.fieldName(key), value, "}", this.indentAt(node.from)));
      return this.insertFields(others, key);
    }
    const ownLines = this.text.slice(node.from, node.members[0]?.from).includes("\n");
    const indent = ownLines ? this.indentAt(neighbour.from) : "";
    const inline = !ownLines || this.isWrittenInline(node.members.map((member) => member.node));
    const gap = ownLines ? this.layout.eol + indent : this.layout.isTight ? "" : " ";
    const text = fields.map(([key, value]) => this.fieldName(key) + this.render(value, inline, indent)).join(`,${gap}`);
    if (neighbour.key === previous) this.splice(neighbour.node.to, neighbour.node.to, `,${gap}${text}`);
    else this.splice(neighbour.from, neighbour.from, `${text},${gap}`);
    return fields.at(-1)?.[0] ?? previous;
  }

  private fieldName(key: string): string {
    return `${JSON.stringify(key)}:${this.layout.isTight ? "" : " "}`;
  }

  private appendItem(value: unknown): void {
    const node = this.node() as ArrayNode;
    const last = node.items.at(-1);
    if (!last) {
      const inline = typeof value !== "object" || this.layout.inOneLine;
      const item = this.render(value, true, "");
      const text = inline ? `[${item}]` : this.wrapped("[", "", value, "]", this.indentAt(node.from));
      this.splice(node.from, node.to, text);
      return;
    }
    const ownLines = this.text.slice(node.from, node.items[0]?.from).includes("\n");
    const indent = ownLines ? this.indentAt(last.from) : "";
    const gap = ownLines ? this.layout.eol + indent : this.layout.isTight ? "" : " ";
    this.splice(last.to, last.to, `,${gap}${this.render(value, !ownLines, indent)}`);
  }

  /** The first entry of a container that was empty. */
  private wrapped(open: string, name: string, value: unknown, close: string, indent: string): string {
    if (this.layout.inOneLine) {
      const space = this.layout.isTight ? "" : " ";
      return `${open}${space}${name}${this.render(value, true, "")}${space}${close}`;
    }
    const inner = indent + this.layout.unit;
    return `${open}${this.layout.eol}${inner}${name}${this.render(value, false, inner)}${this.layout.eol}${indent}${close}`;
  }

  private render(value: unknown, inline: boolean, indent: string): string {
    if (this.layout.isTight) return JSON.stringify(value);
    if (inline || this.layout.inOneLine) return inlineText(value);
    return this.indented(value, indent);
  }

  /** Like JSON.stringify with indentation, but a list of plain values stays in its line. */
  private indented(value: unknown, indent: string): string {
    const isList = Array.isArray(value);
    if (!isList && !isFields(value)) return JSON.stringify(value);
    if (isList && value.every((item) => typeof item !== "object" || item === null)) return inlineText(value);
    const inner = indent + this.layout.unit;
    const entries = isList
      ? value.map((item) => inner + this.indented(item, inner))
      : Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${this.indented(item, inner)}`);
    if (entries.length === 0) return "{}";
    const [open, close] = isList ? "[]" : "{}";
    return `${open}${this.layout.eol}${entries.join(`,${this.layout.eol}`)}${this.layout.eol}${indent}${close}`;
  }

  /** Whether the entries beside a new one are written in one line each; without any that could tell, they are not. */
  private isWrittenInline(nodes: readonly JsonNode[]): boolean {
    const telling = nodes.filter((node) => plainSize(node) > 0);
    return telling.length > 0 && telling.every((node) => this.isInline(node));
  }

  private isInline(node: JsonNode): boolean {
    return plainSize(node) > 0 && !this.text.slice(node.from, node.to).includes("\n");
  }

  /** The white space at the start of the line. */
  private indentAt(offset: number): string {
    const start = offset === 0 ? 0 : this.text.lastIndexOf("\n", offset - 1) + 1;
    if (start === 0 && this.lead !== null) return this.lead;
    return /^[ \t]*/.exec(this.text.slice(start, offset))?.[0] ?? "";
  }

  private node(): JsonNode {
    const { root } = parseJson(this.text);
    if (root === null) throw new Error("a rewritten text is no JSON any more");
    return root;
  }

  private splice(from: number, to: number, insert: string): void {
    this.text = this.text.slice(0, from) + insert + this.text.slice(to);
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function plainSize(node: JsonNode): number {
  if (node.kind === "scalar") return 0;
  return node.kind === "object" ? node.members.length : node.items.length;
}

/** The indexes that are missing when `after` is `before` with some left out; null when it is not. */
function removedFrom(before: readonly unknown[], after: readonly unknown[]): number[] | null {
  const removed: number[] = [];
  let kept = 0;
  for (const [index, item] of before.entries()) {
    if (kept < after.length && JSON.stringify(item) === JSON.stringify(after[kept])) kept += 1;
    else removed.push(index);
  }
  return kept === after.length ? removed : null;
}

function inlineText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inlineText).join(", ")}]`;
  if (!isFields(value)) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${inlineText(item)}`);
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}
