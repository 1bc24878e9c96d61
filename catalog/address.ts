// Where a server and a tool have their pages. The one place that knows, for links, canonical addresses and the sitemap.

export function serverPath(slug: string): string {
  return `/catalog/${slug}`;
}

/** Names are somebody else's text: any of them becomes one segment of a path, and no two the same. */
export function toolPath(slug: string, name: string): string {
  return `${serverPath(slug)}/${segmentOf(name)}`;
}

/** The name that a segment stands for, as it stands in an address. Null when it is no segment of ours. */
export function toolNameOf(segment: string): string | null {
  try {
    const text = decodeURIComponent(segment);
    return text.startsWith("~") ? text.slice(1) : text;
  } catch {
    return null;
  }
}

/**
 * `.` and `..` cannot be encoded: browsers resolve `%2e` as well. They and the empty name, and with them every name that
 * begins with `~`, get a `~` in front.
 */
function segmentOf(name: string): string {
  const text = /^(?:\.{0,2}$|~)/.test(name) ? `~${name}` : name;
  // Half a character has no encoding; Postgres keeps none either.
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"));
}

/** Where a recommended policy is opened in the builder: that of one tool, or of the whole server. Asks for a session. */
export function openPath(slug: string, tool?: string): string {
  const query = new URLSearchParams({ server: slug, ...(tool === undefined ? {} : { tool }) });
  return `/open?${query}`;
}
