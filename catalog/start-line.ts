// How a server of the catalog is registered: the command that starts it, or its address.

type Known = { source: string; packageName: string | null };

/** What npm takes for a package's name. Anything else could be an option of `npx`, or a path. */
const packagePattern = /^(?:@[a-z0-9~][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*$/;

/** Null for what is no published package, or is reached at an address. */
export function startLineOf({ source, packageName }: Known): string | null {
  if (packageName === null || source.startsWith("url:") || !packagePattern.test(packageName)) return null;
  return `npx -y ${packageName}`;
}

export function addressOf({ source }: Pick<Known, "source">): string | null {
  const url = source.startsWith("url:") ? source.slice("url:".length) : "";
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? url : null;
}
