// What the proxy knows of pages.

/** Pages without a session. Every other page is the dashboard's: a new one is closed until somebody opens it here. */
const publicPages = [
  "/",
  "/signin",
  "/signup",
  "/invite",
  "/reset",
  "/catalog",
  "/risk",
  "/category",
  "/attacks",
  "/contact",
  "/og",
  "/sitemaps",
  "/schema",
];

/** Also everything of Next's own, and files such as `/icon.svg`; they hold no organisation's data. */
export function isPublicPage(pathname: string): boolean {
  return (
    publicPages.some((page) => isUnder(page, pathname)) ||
    pathname.startsWith("/_next/") ||
    /^\/[^/]+\.[a-z0-9]{2,11}$/.test(pathname)
  );
}

/** Pages that hold the same for everybody who is not signed in, because they are made from what everybody may know. */
const everybodysPages = ["/", "/catalog", "/risk", "/category", "/attacks", "/contact"];

/** Whether an answer is the same for everybody who is not signed in. */
export function isEverybodys(method: string, pathname: string): boolean {
  return (method === "GET" || method === "HEAD") && everybodysPages.some((page) => isUnder(page, pathname));
}

/**
 * How long everybody's page may be kept, and by whom. Everybody's pages are made anew for each request, from the database as it is: no
 * harvest has to tell a cache. A cache in front (a CDN) may keep one for a minute, and the browser for going back and forth. What
 * is made for somebody who is signed in has a link that others lack, and is kept by nobody else.
 */
export function cacheControl(isSignedIn: boolean): string {
  return isSignedIn ? "private, no-cache" : "public, max-age=0, s-maxage=60, stale-while-revalidate=600";
}

function isUnder(page: string, pathname: string): boolean {
  return pathname === page || (page !== "/" && pathname.startsWith(`${page}/`));
}

const isDevelopment = process.env.NODE_ENV === "development";

// Next writes inline scripts into its pages and a nonce would make each of them dynamic, so inline scripts stay allowed. What
// this policy holds: no other site's script, no frame around us, nothing sent elsewhere, no form to elsewhere.
const contentSecurityPolicy = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline'${isDevelopment ? " 'unsafe-eval'" : ""}`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  `connect-src 'self'${isDevelopment ? " ws:" : ""}`,
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

export const pageHeaders = {
  "content-security-policy": contentSecurityPolicy,
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
};
