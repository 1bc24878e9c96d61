/** Where to go after signing in: a path of this site, never another site. */
export function safeCallbackPath(wanted: string | null | undefined, origin: string): string {
  const fallback = "/overview";
  if (!wanted || !URL.canParse(wanted, origin)) return fallback;
  const url = new URL(wanted, origin);
  if (url.origin !== origin || url.pathname === "/" || url.pathname.startsWith("/sign")) return fallback;
  return `${url.pathname}${url.search}`;
}
