// Markup that React wrote, as elements in their order: enough to ask what stands on a page and where.

export type Element = {
  tag: string;
  attributes: Readonly<Record<string, string>>;
  /** With white space made one space. */
  text: string;
  /** As it stands, for text that has lines. */
  raw: string;
  /** Where its markup begins and ends. */
  from: number;
  to: number;
};

export type Page = { html: string; elements: readonly Element[]; text: string };

const empty = new Set(["area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"]);
const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"' };

/** @param html What `renderToStaticMarkup` wrote: well-formed, and nothing of a stranger's unescaped. */
export function readPage(html: string): Page {
  const elements: Element[] = [];
  const open: { tag: string; attributes: Record<string, string>; from: number; inner: number; place: number }[] = [];
  const token = /<(\/?)([a-z][a-z0-9-]*)((?:\s+[^\s=>]+(?:="[^"]*")?)*)\s*(\/?)>/gi;
  for (const match of html.matchAll(token)) {
    const [whole, slash, name = "", given = "", closed] = match;
    const tag = name.toLowerCase();
    const end = match.index + whole.length;
    if (slash) {
      const opened = open.pop();
      if (opened?.tag !== tag) throw new Error(`</${tag}> ends ${opened?.tag ?? "nothing"} at ${match.index}`);
      const raw = plain(html.slice(opened.inner, match.index));
      elements[opened.place] = element(tag, opened.attributes, raw, opened.from, end);
      continue;
    }
    const attributes = Object.fromEntries(
      [...given.matchAll(/([^\s=]+)(?:="([^"]*)")?/g)].map(([, key = "", value = ""]) => [key, decode(value)]),
    );
    const place = elements.push(element(tag, attributes, "", match.index, end)) - 1;
    if (!closed && !empty.has(tag)) open.push({ tag, attributes, from: match.index, inner: end, place });
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)?.tag}> has no end`);
  return { html, elements, text: oneLine(plain(html)) };
}

/** Those with this tag, whose attributes and text fit. */
export function elementsOf(
  page: Page,
  tag: string,
  fit: { text?: RegExp; within?: Element; [attribute: string]: string | RegExp | Element | undefined } = {},
): Element[] {
  const { text, within, ...attributes } = fit;
  return page.elements.filter(
    (each) =>
      each.tag === tag &&
      (text === undefined || text.test(each.text)) &&
      (within === undefined || (each.from >= within.from && each.to <= within.to)) &&
      Object.entries(attributes).every(([name, value]) => {
        const given = each.attributes[name];
        return given !== undefined && (value instanceof RegExp ? value.test(given) : value === given);
      }),
  );
}

function element(tag: string, attributes: Record<string, string>, raw: string, from: number, to: number): Element {
  return { tag, attributes, text: oneLine(raw), raw, from, to };
}

function plain(html: string): string {
  return decode(html.replace(/<script[^>]*>[^<]*<\/script>/g, "").replace(/<[^>]*>/g, ""));
}

function decode(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|(\w+));/gi, (whole, hex: string | undefined, name: string | undefined) =>
    hex ? String.fromCodePoint(Number.parseInt(hex, 16)) : (entities[name ?? ""] ?? whole),
  );
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
