// How a server of the catalog is registered: the command that starts it, or its address.
import { packageNamePattern } from "./harvest.ts";

type Known = { source: string; packageName: string | null };

/**
 * Null for what is no published package, or is reached at an address. What npm would not take for a package's name could be an
 * option of `npx`, or a path.
 */
export function startLineOf({ source, packageName }: Known): string | null {
  if (packageName === null || source.startsWith("url:") || !packageNamePattern.test(packageName)) return null;
  return `npx -y ${packageName}`;
}

export function addressOf({ source }: Pick<Known, "source">): string | null {
  const url = source.startsWith("url:") ? source.slice("url:".length) : "";
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? url : null;
}
