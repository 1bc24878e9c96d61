// Signing in and out of the dashboard.
import type { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { problemResponse, refuse } from "@/app/_server/refusals.ts";
import { mayReachSignIn, signInOptions } from "@/app/_server/sign-in.ts";

type Context = { params: Promise<{ nextauth: string[] }> };

async function handler(request: NextRequest, context: Context): Promise<Response> {
  if (!mayReachSignIn(request)) return problemResponse(refuse("foreign_origin"));
  return NextAuth(request, context, signInOptions(request.headers));
}

export { handler as GET, handler as POST };
