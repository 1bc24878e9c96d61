"use client";
import Link from "next/link";
import { troubleIn } from "@/app/_client/api.ts";
import { useMe } from "@/app/_client/queries.ts";
import { Button } from "@/components/ui/button.tsx";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { FreezeButton } from "../brake/freeze-button.tsx";
import { LoadingPage } from "../loading-page.tsx";
import { PageHeader } from "../page-header.tsx";
import { ApiKeys } from "./api-keys.tsx";
import { Retention } from "./retention.tsx";

const roles = { admin: "Admin", policy_manager: "Policy manager", viewer: "Viewer" };

export function SettingsPanel() {
  const me = useMe();
  if (me.isPending) return <LoadingPage label="Loading the settings" />;
  if (me.isError) {
    return (
      <ErrorState
        title="The settings could not be loaded"
        detail={troubleIn(me.error).detail}
        onRetry={() => void me.refetch()}
      />
    );
  }
  const { organisation, user, role, gatewayPublicUrl, mayReadContactMessages } = me.data;
  return (
    <>
      <PageHeader title="Settings" />
      <div className="grid max-w-3xl gap-4">
        <Card>
          <CardHeader title="Account" />
          <CardBody>
            <dl className="grid gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[9rem_minmax(0,1fr)]">
              <dt className="text-ink-muted">Organisation</dt>
              <dd>{organisation.name}</dd>
              <dt className="text-ink-muted">Signed in as</dt>
              <dd className="break-all">{user.email}</dd>
              <dt className="text-ink-muted">Role</dt>
              <dd>{roles[role]}</dd>
              <dt className="text-ink-muted">Gateway</dt>
              <dd className="break-all font-mono text-xs">{gatewayPublicUrl}</dd>
            </dl>
          </CardBody>
        </Card>
        {role === "admin" && <ApiKeys />}
        {role === "admin" && <Retention />}
        {mayReadContactMessages && (
          <Card>
            <CardHeader
              title="Messages"
              description="What was written in the contact form of the public pages. Your organisation signed up first here, so they are for its admins."
              actions={
                <Button asChild>
                  <Link href="/settings/messages">Read messages</Link>
                </Button>
              }
            />
          </Card>
        )}
        {role === "admin" && (
          <Card id="freeze" className={organisation.frozen ? "border-hold-line" : undefined}>
            <CardHeader
              title={organisation.frozen ? "Everything is frozen" : "Freeze everything"}
              description={
                organisation.frozen
                  ? "Every tool call of this organisation is refused, whatever the policies say."
                  : "The brake: every tool call of every agent is refused from the next call on, until you release it. Policies and grants stay as they are."
              }
              actions={<FreezeButton scope="organisation" name={organisation.name} frozen={organisation.frozen} />}
            />
          </Card>
        )}
      </div>
    </>
  );
}
