"use client";
import { FlaskConical } from "lucide-react";
import Link from "next/link";
import { troubleIn } from "@/app/_client/api.ts";
import { useCallStory } from "@/app/_client/call-queries.ts";
import { useMe } from "@/app/_client/queries.ts";
import { DecisionBadge } from "@/components/decision-badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { LoadingPage } from "../../loading-page.tsx";
import { MissingPage } from "../../missing-page.tsx";
import { PageHeader } from "../../page-header.tsx";
import { ApprovalCard } from "./approval-card.tsx";
import { CallFacts } from "./call-facts.tsx";
import { PolicyCard } from "./policy-card.tsx";
import { RuleDialog, tryHref } from "./rule-dialog.tsx";
import { TestDialog } from "./test-dialog.tsx";
import { TimingCard } from "./timing-card.tsx";
import { WhyCard } from "./why-card.tsx";

/** All that is known of one call, and what can be made of it. */
export function CallStoryPage({ callId }: { callId: string }) {
  const story = useCallStory(callId);
  const role = useMe().data?.role;
  if (story.isPending) return <LoadingPage label="Loading the call" />;
  if (story.isError) {
    return (
      <MissingPage
        what="call"
        trouble={troubleIn(story.error)}
        back={{ href: "/calls", label: "All calls" }}
        onRetry={() => void story.refetch()}
      />
    );
  }
  const { call, server, policy } = story.data;
  // Of a tool that the server does not list no policy is asked, so there is nothing to write, to hold it to or to try.
  const mayEdit = (role === "admin" || role === "policy_manager") && call.code !== "unknown_tool";
  const at = new Date(call.at);
  return (
    <>
      <PageHeader
        title={call.tool ?? call.method}
        trail={[
          { href: "/calls", label: "Calls" },
          ...(server ? [{ href: `/servers/${server.id}?tab=calls`, label: server.name }] : []),
        ]}
        badges={<DecisionBadge code={call.code} wouldDeny={call.wouldDeny} />}
        description={
          <time dateTime={call.at} className="tabular-nums">
            {at.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "long" })}
          </time>
        }
        actions={
          mayEdit &&
          call.tool !== null && (
            <>
              {policy && <RuleDialog call={call} policy={policy} />}
              <TestDialog call={call} />
              {policy && (
                <Button asChild>
                  <Link href={tryHref(policy.id, call)}>
                    <FlaskConical aria-hidden="true" />
                    Try it on the draft
                  </Link>
                </Button>
              )}
            </>
          )
        }
      />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,22rem)] lg:items-start">
        <div className="grid min-w-0 gap-4">
          <WhyCard story={story.data} />
          {story.data.version && <PolicyCard story={story.data} version={story.data.version} />}
        </div>
        <div className="grid min-w-0 gap-4">
          <TimingCard call={call} />
          {story.data.approval && <ApprovalCard approval={story.data.approval} related={story.data.related} />}
          <CallFacts story={story.data} />
        </div>
      </div>
    </>
  );
}
