// What the proxy knows of pages.

/** Pages without a session. Every other page is the dashboard's: a new one is closed until somebody opens it here. */
const publicPages = [
  "/",
  "/signin",
  "/signup",
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
    publicPages.some((page) => pathname === page || (page !== "/" && pathname.startsWith(`${page}/`))) ||
    pathname.startsWith("/_next/") ||
    /^\/[^/]+\.[a-z0-9]{2,11}$/.test(pathname)
  );
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
