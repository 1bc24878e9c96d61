"use client";
import { useQueryClient } from "@tanstack/react-query";
import { BookOpen } from "lucide-react";
import { troubleIn } from "@/app/_client/api.ts";
import { useCatalogJobs } from "@/app/_client/queries.ts";
import { Button } from "@/components/ui/button.tsx";
import { Card, CardHeader } from "@/components/ui/card.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { JobRow } from "./job-row.tsx";

/** What runs and waits, then what has ended; live. */
export function JobList({ mayAdd }: { mayAdd: boolean }) {
  const client = useQueryClient();
  const jobs = useCatalogJobs();
  const items = jobs.data?.pages.flatMap((page) => page.items) ?? [];
  const open = items.filter(({ status }) => status === "queued" || status === "running").reverse();
  const ended = items.filter(({ status }) => status !== "queued" && status !== "running");
  const onChange = () => client.invalidateQueries({ queryKey: ["catalog-jobs"] });

  if (jobs.isPending || (jobs.isError && items.length === 0)) {
    return (
      <Card>
        {jobs.isError ? (
          <ErrorState
            title="The jobs could not be loaded"
            detail={troubleIn(jobs.error).detail}
            onRetry={() => void jobs.refetch()}
          />
        ) : (
          <SkeletonRows label="Loading jobs" />
        )}
      </Card>
    );
  }
  if (items.length === 0) {
    return (
      <Card>
        <EmptyState icon={<BookOpen />} title="Nothing was added yet">
          What you list or import shows up here, with how far it is and what came of it.
        </EmptyState>
      </Card>
    );
  }
  return (
    <div className="grid gap-6">
      {open.length > 0 && (
        <Card>
          <CardHeader
            title="Under way"
            description="One after the other. It goes on when you leave, and after a restart."
          />
          <ul aria-label="Jobs under way" className="divide-y border-t">
            {open.map((job) => (
              <JobRow key={job.id} job={job} mayAdd={mayAdd} onChange={onChange} />
            ))}
          </ul>
        </Card>
      )}
      {ended.length > 0 && (
        <Card>
          <CardHeader title="History" />
          <ul aria-label="Jobs that have ended" className="divide-y border-t">
            {ended.map((job) => (
              <JobRow key={job.id} job={job} mayAdd={mayAdd} onChange={onChange} />
            ))}
          </ul>
        </Card>
      )}
      {jobs.hasNextPage && (
        <div className="flex justify-center">
          <Button loading={jobs.isFetchingNextPage} onClick={() => void jobs.fetchNextPage()}>
            Show older ones
          </Button>
        </div>
      )}
    </div>
  );
}
