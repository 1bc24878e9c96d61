import { SearchX } from "lucide-react";
import type { Metadata } from "next";
import { headers } from "next/headers";
import Link from "next/link";
import { redirect } from "next/navigation";
import { candidatesFor } from "@/app/_server/catalog/candidates.ts";
import { recommendedForCatalogServer, recommendedForCatalogTool } from "@/app/_server/catalog/recommended.ts";
import { findCatalogServer } from "@/app/_server/catalog/servers.ts";
import { findCatalogTool } from "@/app/_server/catalog/tools.ts";
import { authenticate } from "@/app/_server/member.ts";
import { isPermitted } from "@/app/_server/permissions.ts";
import { Refusal } from "@/app/_server/refusals.ts";
import { Button } from "@/components/ui/button.tsx";
import { Card } from "@/components/ui/card.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { openPath, serverPath, toolPath } from "../../../catalog/address.ts";
import { OpenForm } from "./open-form.tsx";

export const metadata: Metadata = { title: "Open in the builder", robots: { index: false } };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** From a page of the catalog into the builder: whose server it is, and a policy that waits there as a draft. */
export default async function OpenPage({ searchParams }: Props) {
  const { server: slug, tool: wanted, to } = await searchParams;
  const toolName = typeof wanted === "string" ? wanted : null;
  const found = typeof slug === "string" ? await readRecommendation(slug, toolName) : null;
  if (found === null) return <NothingToOpen />;
  const { server, text } = found;
  const here = openPath(server.slug, toolName ?? undefined);

  const caller = await authenticate(await headers());
  if (caller instanceof Refusal) redirect(`/signin?callbackUrl=${encodeURIComponent(here)}`);
  const { member } = caller;
  return (
    <OpenForm
      catalogServer={server.name}
      catalogPath={toolName === null ? serverPath(server.slug) : toolPath(server.slug, toolName)}
      tool={toolName}
      text={text}
      candidates={await candidatesFor(member, server, toolName)}
      preferred={typeof to === "string" ? to : null}
      registerHref={`/servers/new?${new URLSearchParams({ from: server.slug, ...(toolName === null ? {} : { tool: toolName }) })}`}
      role={member.role}
      organisation={member.organisation.name}
      mayEdit={isPermitted(member.role, "policy.edit")}
      mayRegister={isPermitted(member.role, "server.manage")}
    />
  );
}

/** What the catalog's page shows, made again from the catalog: an address brings names along, never a document. */
async function readRecommendation(slug: string, toolName: string | null) {
  const server = await findCatalogServer(slug.toLowerCase());
  if (server === null) return null;
  if (toolName === null) {
    const policy = await recommendedForCatalogServer(server.slug);
    return { server, text: policy?.text ?? null };
  }
  const tool = await findCatalogTool(server.slug, toolName);
  return tool === null ? null : { server, text: recommendedForCatalogTool(tool).text };
}

function NothingToOpen() {
  return (
    <Card>
      <EmptyState
        heading="h1"
        icon={<SearchX />}
        title="The catalog has no such policy"
        actions={
          <Button asChild variant="primary">
            <Link href="/catalog">Search the catalog</Link>
          </Button>
        }
      >
        The address names a server or a tool that is not in the catalog.
      </EmptyState>
    </Card>
  );
}
