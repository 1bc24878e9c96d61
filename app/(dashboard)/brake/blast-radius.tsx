"use client";
import { useQuery } from "@tanstack/react-query";
import { load } from "@/app/_client/api.ts";
import type { RadiusAnswer } from "@/app/api/v1/schemas.ts";
import { Callout } from "@/components/ui/callout.tsx";
import { Skeleton } from "@/components/ui/skeleton.tsx";
import type { BrakeTarget } from "./target.ts";

const rows: readonly [keyof Omit<RadiusAnswer, "gateways">, string][] = [
  ["servers", "Servers"],
  ["grants", "Grants in use"],
  ["callsLastHour", "Calls in the last hour"],
  ["openStreams", "Open streams"],
  ["heldCalls", "Calls held for a person"],
  ["pendingApprovals", "Approvals waiting"],
];

/** What a freeze takes hold of, asked of the gateways at this moment. Nobody has to wait for it to brake. */
export function BlastRadius({ scope, id }: Pick<BrakeTarget, "scope" | "id">) {
  const radius = useQuery({
    queryKey: ["freeze-radius", scope, id],
    queryFn: ({ signal }) => load<RadiusAnswer>(`/freeze/radius?scope=${scope}${id ? `&id=${id}` : ""}`, signal),
    staleTime: 0,
    refetchInterval: 5_000,
    retry: false,
  });
  const { data } = radius;
  if (radius.isError && !data) {
    return <Callout tone="warn">What it takes hold of could not be counted. It can be pulled all the same.</Callout>;
  }
  const silent = data ? data.gateways.of - data.gateways.answered : 0;
  return (
    <section aria-label="What it takes hold of" aria-busy={!data} className="rounded-md border bg-raised px-3 py-2.5">
      <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 text-sm">
        {rows.map(([name, label]) => (
          <div key={name} className="contents">
            <dt className="text-ink-muted">{label}</dt>
            <dd className="text-right font-medium text-ink tabular-nums">
              {data ? data[name].toLocaleString("en") : <Skeleton className="ml-auto h-4 w-8" />}
            </dd>
          </div>
        ))}
      </dl>
      {silent > 0 && (
        <p className="mt-2 text-warn text-xs">
          {silent} of {data?.gateways.of} gateways did not answer, so streams and held calls may be more.
        </p>
      )}
    </section>
  );
}
