"use client";
import { BookOpen } from "lucide-react";
import Link from "next/link";
import { useMe } from "@/app/_client/queries.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { PageHeader } from "../page-header.tsx";
import { JobList } from "./job-list.tsx";
import { NewJobForm } from "./new-job-form.tsx";

/** Adding to the public catalog of this installation, and what came of it. */
export function CatalogPanel() {
  const me = useMe().data;
  return (
    <>
      <PageHeader
        title="Catalog"
        description="What this installation knows of published MCP servers, for everybody who can reach it. List a server’s tools, list them anew, or take over what a registry names."
        actions={
          <>
            <Button asChild>
              <Link href="/catalog/changes">What changed</Link>
            </Button>
            <Button asChild>
              <Link href="/catalog">
                <BookOpen aria-hidden="true" />
                Open the catalog
              </Link>
            </Button>
          </>
        }
      />
      {!me && (
        <Card>
          <SkeletonRows label="Loading" />
        </Card>
      )}
      {me && !me.mayFillCatalog && <NotYours role={me.role} />}
      {me?.mayFillCatalog && (
        <Card className="mb-6">
          <CardHeader title="Add to the catalog" />
          <CardBody>
            <NewJobForm mayStartCommands={me.mayStartCommands} />
          </CardBody>
        </Card>
      )}
      {me?.role === "admin" && <JobList mayAdd={me.mayFillCatalog} />}
    </>
  );
}

function NotYours({ role }: { role: string }) {
  return (
    <Callout title="You can look around, not add" className="mb-6">
      {role === "admin"
        ? "The catalog is public and shared by everyone here. Only admins of the organisation that signed up first may add to it, unless ALLOW_STDIO=1 is set where PolicyLayer runs."
        : "The catalog is public and shared by everyone here. Adding to it is for admins."}
    </Callout>
  );
}
