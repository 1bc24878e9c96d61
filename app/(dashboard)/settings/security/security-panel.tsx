"use client";
import { troubleIn } from "@/app/_client/api.ts";
import { useAccount } from "@/app/_client/members.ts";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { LoadingPage } from "../../loading-page.tsx";
import { PageHeader } from "../../page-header.tsx";
import { OrganisationCard } from "./organisation-card.tsx";
import { PasswordCard } from "./password-card.tsx";
import { SessionCard } from "./session-card.tsx";
import { TwoFactorCard } from "./two-factor-card.tsx";

export function SecurityPanel() {
  const account = useAccount();
  if (account.isPending) return <LoadingPage label="Loading your account" />;
  if (account.isError) {
    return (
      <ErrorState
        title="Your account could not be loaded"
        detail={troubleIn(account.error).detail}
        onRetry={() => void account.refetch()}
      />
    );
  }
  const { user, hasPassword } = account.data;
  return (
    <>
      <PageHeader title="Your account" description={`Signed in as ${user.email}.`} />
      <div className="grid max-w-3xl gap-4">
        {hasPassword && <PasswordCard email={user.email} />}
        <TwoFactorCard account={account.data} />
        <SessionCard />
        <OrganisationCard account={account.data} />
      </div>
    </>
  );
}
