"use client";
// What the pages read of the call log besides its pages, and how they hear of new calls.
import { type InfiniteData, keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { CallStats, CallStory, CallTest, RetentionAnswer, ViewAnswer } from "../api/v1/call-schemas.ts";
import type { CallAnswer } from "../api/v1/schemas.ts";
import { ApiError, load, loadAll, send } from "./api.ts";
import { type CallFilters, callsKey } from "./queries.ts";

export function useCallStory(id: string) {
  return useQuery({
    queryKey: ["calls", "story", id],
    queryFn: ({ signal }) => load<CallStory>(`/calls/${id}`, signal),
    // Until its outcome is known.
    refetchInterval: ({ state }) => (state.data?.call.outcome === "pending" ? 2_000 : false),
  });
}

/**
 * A call with the values of its arguments that are on record. Reading them is written to the audit log, so it is done once and
 * only when they are needed.
 *
 * @param id Null: nothing is read.
 */
export function useRecordedCall(id: string | null) {
  return useQuery({
    queryKey: ["calls", "recorded", id],
    queryFn: async ({ signal }) => {
      const answer = await send<CallTest>("POST", `/calls/${id}/test`, undefined, signal);
      if (!answer.ok) throw new ApiError(answer.trouble);
      return answer.value;
    },
    enabled: id !== null,
    staleTime: "static",
    retry: false,
  });
}

export const periods = {
  "24h": { label: "Last 24 hours", hours: 24 },
  "7d": { label: "Last 7 days", hours: 7 * 24 },
  "30d": { label: "Last 30 days", hours: 30 * 24 },
  "90d": { label: "Last 90 days", hours: 90 * 24 },
} as const;
export type Period = keyof typeof periods;

export function useCallStats(period: Period, filter: { serverId?: string; grantId?: string }) {
  return useQuery({
    queryKey: ["call-stats", period, filter],
    queryFn: ({ signal }) => {
      const from = new Date(Date.now() - periods[period].hours * 60 * 60 * 1_000).toISOString();
      return load<CallStats>(`/calls/stats?${new URLSearchParams({ ...filter, from })}`, signal);
    },
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
  });
}

export function useViews() {
  return useQuery({ queryKey: ["views"], queryFn: ({ signal }) => loadAll<ViewAnswer>("/views", signal) });
}

export function useRetention() {
  return useQuery({ queryKey: ["retention"], queryFn: ({ signal }) => load<RetentionAnswer>("/retention", signal) });
}

type Page = { items: CallAnswer[]; nextCursor: string | null };
/** More than anybody scrolls through while calls come in; what is older is read again on demand. */
const liveMax = 400;

export type TailState = "connecting" | "live" | "paused" | "lost";

/**
 * Puts calls into the list that `useCalls` shows as they are recorded. Browsers allow few connections to one host, so a page that
 * nobody looks at lets go of its own.
 */
export function useCallTail(filters: CallFilters, { live, perPage }: { live: boolean; perPage?: number }): TailState {
  const client = useQueryClient();
  const isVisible = useIsVisible();
  const [state, setState] = useState<TailState>("connecting");
  const key = callsKey(filters, perPage);
  const keyText = JSON.stringify(key);
  const wasCut = useRef(false);

  useEffect(() => {
    if (!live || !isVisible) {
      setState("paused");
      wasCut.current = true;
      return;
    }
    const queryKey = JSON.parse(keyText) as unknown[];
    const query = new URLSearchParams(Object.entries(JSON.parse(keyText)[1] as CallFilters));
    query.delete("id");
    setState("connecting");
    let timer: ReturnType<typeof setTimeout> | undefined;
    let source = open();
    function open(): EventSource {
      const events = new EventSource(`/api/v1/calls/events?${query}`);
      events.addEventListener("open", () => {
        setState("live");
        // What was recorded in between nobody has told.
        if (wasCut.current) void client.invalidateQueries({ queryKey });
        wasCut.current = true;
      });
      events.addEventListener("calls", ({ data }: MessageEvent<string>) => {
        const { items } = JSON.parse(data) as { items: CallAnswer[] };
        client.setQueryData<InfiniteData<Page, string | null>>(queryKey, (old) => old && withNews(old, items, perPage));
      });
      events.onerror = () => {
        setState("lost");
        if (events.readyState !== EventSource.CLOSED) return;
        timer = setTimeout(() => {
          source = open();
        }, 5_000);
      };
      return events;
    }
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [client, keyText, live, isVisible, perPage]);
  return state;
}

/** @param max The most that are shown; further pages are read on demand when left out. */
function withNews(old: InfiniteData<Page, string | null>, news: readonly CallAnswer[], max?: number) {
  const byId = new Map(news.map((call) => [call.id, call]));
  const pages = old.pages.map((page) => ({ ...page, items: page.items.map((call) => take(byId, call)) }));
  const first = pages[0] ?? { items: [], nextCursor: null };
  // What is older than the first page and not in sight is on a page that is read later.
  const oldest = first.items.at(-1)?.id ?? "";
  const added = [...byId.values()].filter(({ id }) => first.nextCursor === null || id > oldest);
  const items = [...added, ...first.items].sort((a, b) => (a.id < b.id ? 1 : -1));
  const most = max ?? liveMax;
  if (items.length <= most) return { ...old, pages: [{ ...first, items }, ...pages.slice(1)] };
  const kept = items.slice(0, most);
  return { pages: [{ items: kept, nextCursor: btoa(kept.at(-1)?.id ?? "") }], pageParams: [null] };
}

function take(byId: Map<string, CallAnswer>, call: CallAnswer): CallAnswer {
  const changed = byId.get(call.id);
  byId.delete(call.id);
  return changed ?? call;
}

function useIsVisible(): boolean {
  const [isVisible, setIsVisible] = useState(true);
  useEffect(() => {
    const look = () => setIsVisible(document.visibilityState === "visible");
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return isVisible;
}
