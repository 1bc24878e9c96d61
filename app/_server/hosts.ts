// Which requests the web answers at all, by the headers that a browser sets and a page cannot forge. A page that somebody
// visits, on any site or on another port of this machine, must not be able to sign up here and start a program.
import { isAllowedHost, isAllowedOrigin, type Settings } from "../../settings.ts";

type RequestHead = { method: string; pathname: string; headers: { get(name: string): string | null } };

/**
 * @returns `foreign_host` when `Host` is not ours (DNS rebinding), `foreign_origin` when another page sends the request;
 *   null when it may go on.
 */
export function judgeSource(
  settings: Pick<Settings, "allowedHosts" | "publicUrl">,
  { method, pathname, headers }: RequestHead,
): "foreign_host" | "foreign_origin" | null {
  const host = headers.get("host") ?? undefined;
  if (!isAllowedHost(settings, host)) return "foreign_host";

  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  if (origin !== null && !isOwnOrigin(settings, origin, host)) {
    if (!isAllowedOrigin(settings, origin)) return "foreign_origin";
    // Another port of this machine. From a browser it is another page: browsers send Sec-Fetch-Site, old ones at least the
    // cookies, which are the same on all ports. A script on this machine that names an origin sends neither.
    if (site !== null || headers.get("cookie") !== null) return "foreign_origin";
  }
  if (site === null || site === "same-origin" || site === "none") return null;
  return isNavigation(method, headers) && isPageOrSignInReturn(pathname) ? null : "foreign_origin";
}

/** A link that somebody followed to us. Frames and pop-up-less requests (images, scripts, fetch) are not. */
function isNavigation(method: string, headers: RequestHead["headers"]): boolean {
  return (
    (method === "GET" || method === "HEAD") &&
    headers.get("sec-fetch-mode") === "navigate" &&
    headers.get("sec-fetch-dest") === "document"
  );
}

/** GitHub and Google send the browser back to `/api/auth/callback/…`: a navigation from their site, checked there by its state. */
function isPageOrSignInReturn(pathname: string): boolean {
  return !isApi(pathname) || pathname.startsWith("/api/auth/callback/");
}

export function isApi(pathname: string): boolean {
  return pathname === "/api" || pathname.startsWith("/api/");
}

/** Ours, port included: the public URL, or the very host and port that the request was sent to. */
function isOwnOrigin(settings: Pick<Settings, "publicUrl">, origin: string, host: string | undefined): boolean {
  if (!/^https?:\/\//.test(origin) || !URL.canParse(origin)) return false; // `null`, extensions, files
  const { origin: named, protocol } = new URL(origin);
  if (named === new URL(settings.publicUrl).origin) return true;
  const addressed = `${protocol}//${host}`;
  return URL.canParse(addressed) && new URL(addressed).origin === named;
}
