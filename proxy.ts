// What every request to the web passes first: is it for us, does it come from us, and is somebody signed in.
import { type NextRequest, NextResponse } from "next/server";
import { settings } from "./app/_server/environment.ts";
import { isApi, judgeSource } from "./app/_server/hosts.ts";
import { cacheControl, isEverybodys, isPublicPage, pageHeaders } from "./app/_server/pages.ts";
import { problemResponse, refusals, refuse } from "./app/_server/refusals.ts";
import { readSession } from "./app/_server/session.ts";

export async function proxy(request: NextRequest): Promise<Response> {
  const { pathname, search } = request.nextUrl;
  const foreign = judgeSource(settings(), { method: request.method, pathname, headers: request.headers });
  if (foreign) return isApi(pathname) ? problemResponse(refuse(foreign)) : refusedPage(refusals[foreign]);
  if (isApi(pathname)) return NextResponse.next();

  if (Number(request.headers.get("content-length")) > formBytesMax) return refusedPage(tooLarge);

  const isShared = isEverybodys(request.method, pathname);
  const isOpen = isPublicPage(pathname);
  const isSignedIn = (isShared || !isOpen) && (await readSession(request.headers)) !== null;
  const mustSignIn = !isOpen && !isSignedIn;
  const response = mustSignIn ? toSignIn(request, pathname + search) : NextResponse.next();
  if (isShared) response.headers.set("cache-control", cacheControl(isSignedIn));
  for (const [name, value] of Object.entries(pageHeaders)) response.headers.set(name, value);
  return response;
}

/** What the contact form can hold. Next would refuse more as well, but calls it a fault of its own. */
const formBytesMax = 64 * 1024;
const tooLarge = {
  status: 413,
  title: "That is more than a form of ours can hold. Go back: your browser may still have your text.",
};

function refusedPage({ status, title }: { status: number; title: string }): Response {
  return new Response(`${title}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

/** Next makes the address relative, so it stays with the name under which the dashboard is open. */
function toSignIn(request: NextRequest, from: string): NextResponse {
  // Whoever comes from the public catalog has an account less often than not; each form leads to the other one.
  const form = request.nextUrl.pathname === "/open" ? "/signup" : "/signin";
  const url = new URL(form, request.url);
  if (from !== "/") url.searchParams.set("callbackUrl", from);
  return NextResponse.redirect(url);
}
