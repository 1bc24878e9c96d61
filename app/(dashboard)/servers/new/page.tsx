import type { Metadata } from "next";
import { findCatalogServer } from "@/app/_server/catalog/servers.ts";
import { openPath } from "../../../../catalog/address.ts";
import { addressOf, startLineOf } from "../../../../catalog/start-line.ts";
import { RegisterForm, type Suggested } from "./register-form.tsx";

export const metadata: Metadata = { title: "Register a server" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** With `?from=<slug>` the form is filled in with what the catalog knows, and leads on to the recommended policy. */
export default async function RegisterPage({ searchParams }: Props) {
  const { from, tool } = await searchParams;
  const suggested =
    typeof from === "string" ? await suggestedFor(from, typeof tool === "string" ? tool : undefined) : null;
  return <RegisterForm suggested={suggested} />;
}

/** Taken from the catalog by its name, never from the address itself: a link cannot bring a command along. */
async function suggestedFor(slug: string, tool: string | undefined): Promise<Suggested | null> {
  const server = await findCatalogServer(slug);
  if (server === null) return null;
  return {
    name: server.name.slice(0, 100),
    url: addressOf(server),
    line: startLineOf(server),
    continueTo: openPath(server.slug, tool),
  };
}
