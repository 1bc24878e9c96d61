/** Where to go after signing in: a path of this site, never another site. */
export function safeCallbackPath(wanted: string | null | undefined, origin: string): string {
  const fallback = "/overview";
  if (!wanted || !URL.canParse(wanted, origin)) return fallback;
  const url = new URL(wanted, origin);
  if (url.origin !== origin || url.pathname === "/" || url.pathname.startsWith("/sign")) return fallback;
  return `${url.pathname}${url.search}`;
}

/** The other form of the two, still on the way to the page that was asked for. */
export function withCallback(form: "/signin" | "/signup", callbackUrl: string | null): string {
  return callbackUrl === null ? form : `${form}?callbackUrl=${encodeURIComponent(callbackUrl)}`;
}
