// What a server is, whatever it calls itself, in words and as links.

/** `npm:@stripe/mcp` → `@stripe/mcp`. */
export function sourceName(source: string): string {
  return source.slice(source.indexOf(":") + 1);
}

export const sourceKinds = {
  npm: "npm package",
  github: "GitHub repository",
  registry: "MCP registry entry",
  url: "Remote server",
} as const satisfies Record<string, string>;

export function sourceLabel(kind: string): string {
  return (sourceKinds as Record<string, string>)[kind] ?? "Source";
}

/** Where the source itself can be looked at; null where it is no page. */
export function sourceUrl(source: string): string | null {
  const name = sourceName(source);
  if (source.startsWith("npm:")) return `https://www.npmjs.com/package/${name}`;
  if (source.startsWith("github:")) return `https://github.com/${name}`;
  return null;
}

/** A link that a publisher gave, if it leads to a page: `git+https://…`, `github:a/b` and `git@github.com:a/b` too. */
export function pageUrl(given: string | null): string | null {
  if (given === null) return null;
  const text = given
    .trim()
    .replace(/^git\+/, "")
    .replace(/^(?:git|ssh):\/\/(?:git@)?/, "https://")
    .replace(/^git@([^:/]+):/, "https://$1/")
    .replace(/^github:/, "https://github.com/")
    .replace(/^([\w.-]+\/[\w.-]+)$/, "https://github.com/$1")
    .replace(/\.git(?=#|$)/, "");
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" ? url.href : null;
}

/** `https://github.com/a/b/` → `github.com/a/b`. */
export function shortUrl(url: string): string {
  return url.replace(/^https?:\/\/(?:www\.)?/, "").replace(/\/$/, "");
}

/** The name, and what it really is where that is not the same. */
export function fullName({ name, source }: { name: string; source: string }): string {
  const real = sourceName(source);
  return name === real ? name : `${name} (${real})`;
}
