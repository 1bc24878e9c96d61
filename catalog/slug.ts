const slugLengthMax = 80;

/** Pages beside those of the servers: `/catalog/changes`. */
const taken = new Set(["changes"]);

/**
 * The place of a server in addresses, made from its source: `npm:@stripe/mcp` is `stripe-mcp`. Two sources may have one slug
 * (`npm:a-b`, `npm:@a/b`): the later one takes `distinctSlugOf`.
 */
export function slugOf(source: string): string {
  const named = /^[a-z]+:(.+)$/s.exec(source)?.[1] ?? source;
  const whole = named
    .replace(/^https?:\/\//i, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  if (whole === "" || taken.has(whole)) return `server-${mark(source)}`;
  if (whole.length <= slugLengthMax) return whole;
  // What is cut away would otherwise make two servers one.
  return `${whole.slice(0, slugLengthMax).replace(/-+$/, "")}-${mark(source)}`;
}

/** A slug that no other source has, for where `slugOf` is taken. */
export function distinctSlugOf(source: string): string {
  const slug = slugOf(source);
  return slug.endsWith(mark(source)) ? slug : `${slug}-${mark(source)}`;
}

/** Eight hex digits (FNV-1a, 32 bit): tells sources apart, guards nothing. */
function mark(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}
