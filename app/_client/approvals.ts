"use client";
// What the pages read of approvals, and how they are kept up to date.
import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import type { ApprovalAnswer, ApprovalDetail } from "../api/v1/approval-schemas.ts";
import { load } from "./api.ts";
import { type ApprovalSignal, listenToApprovals } from "./approval-stream.ts";
import { reloader } from "./reload-soon.ts";

export type ApprovalPage = { items: ApprovalAnswer[]; nextCursor: string | null };
export type ApprovalPages = InfiniteData<ApprovalPage, string | null>;

export function useApprovals(status: "pending" | "decided") {
  return useInfiniteQuery({
    queryKey: ["approvals", "list", status],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ status, limit: "100" });
      if (pageParam !== null) query.set("cursor", pageParam);
      return load<ApprovalPage>(`/approvals?${query}`, signal);
    },
    getNextPageParam: (page) => page.nextCursor,
    // Events tell of changes; this is for when they do not come through.
    refetchInterval: 30_000,
  });
}

/** Null: none is chosen. */
export function useApproval(id: string | null) {
  return useQuery({
    queryKey: ["approvals", "one", id],
    queryFn: ({ signal }) => load<ApprovalDetail>(`/approvals/${id}`, signal),
    enabled: id !== null,
    refetchInterval: 30_000,
  });
}

// How many wait: of the whole dashboard, so beside what a page reads.
let pendingCount = 0;
const watchers = new Set<() => void>();

export function usePendingCount(): number {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => pendingCount,
    () => 0,
  );
}

function setPendingCount(count: number): void {
  pendingCount = count;
  for (const watcher of watchers) watcher();
}

/** Keeps everything about approvals up to date. Once in the dashboard. */
export function useApprovalEvents(onNew: (id: string) => void): void {
  const client = useQueryClient();
  // biome-ignore lint/correctness/useExhaustiveDependencies: one connection for as long as the dashboard is open
  useEffect(() => {
    const reload = reloader(client, ["approvals"]);
    const stop = listenToApprovals((signal: ApprovalSignal, isFirst) => {
      if (signal.kind === "pending") return setPendingCount(signal.count);
      reload.soon();
      if (isFirst && signal.kind === "approval" && signal.status === "pending") onNew(signal.id);
    });
    return () => {
      stop();
      reload.stop();
    };
  }, [client]);
}
