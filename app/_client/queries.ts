"use client";
// What the pages read, each under one key, so that a change knows what to reload.
import { keepPreviousData, type QueryClient, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type * as z from "zod";
import type {
  apiKeySchema,
  CallAnswer,
  CatalogJobAnswer,
  ChangeAnswer,
  ContactMessageAnswer,
  FreezesAnswer,
  GrantAnswer,
  meAnswer,
  PolicyAnswer,
  PolicySummary,
  policyVersionSchema,
  ServerAnswer,
  ServerSummary,
  ShadowAnswer,
  StackAnswer,
} from "../api/v1/schemas.ts";
import { load, loadAll } from "./api.ts";

export type Me = z.infer<typeof meAnswer>;
export type ApiKey = z.infer<typeof apiKeySchema>;
export type PolicyVersion = z.infer<typeof policyVersionSchema>;
/** The filters of the call log that an address may have. */
export const callFilterNames = [
  ...["serverId", "grantId", "tool", "code", "outcome", "rule", "policyId", "sessionId", "clientName", "approvalId"],
  ...["q", "differs", "from", "to"],
] as const;
export type CallFilters = { [Name in (typeof callFilterNames)[number] | "id"]?: string };

type Polling = { pollMs?: number | false };

export function useMe() {
  return useQuery({ queryKey: ["me"], queryFn: ({ signal }) => load<Me>("/me", signal), staleTime: 60_000 });
}

/** What is frozen now. Somebody else may brake too, so it is asked again. */
export function useFreezes() {
  return useQuery({
    queryKey: ["freezes"],
    queryFn: ({ signal }) => load<FreezesAnswer>("/freeze", signal),
    refetchInterval: 15_000,
  });
}

export function useServers({ pollMs = false }: Polling = {}) {
  return useQuery({
    queryKey: ["servers"],
    queryFn: ({ signal }) => loadAll<ServerSummary>("/servers", signal),
    refetchInterval: pollMs,
  });
}

/** Null: not known yet which one. */
export function useServer(id: string | null) {
  return useQuery({
    queryKey: ["servers", id],
    queryFn: ({ signal }) => load<ServerAnswer>(`/servers/${id}`, signal),
    enabled: id !== null,
  });
}

/** Definitions that a server serves and nobody accepted. */
export function useChanges(serverId: string) {
  return useQuery({
    queryKey: ["servers", serverId, "changes"],
    queryFn: ({ signal }) => loadAll<ChangeAnswer>(`/servers/${serverId}/changes`, signal),
    refetchInterval: 15_000,
  });
}

export function usePolicies(serverId?: string, { pollMs = false }: Polling = {}) {
  return useQuery({
    queryKey: ["policies", { serverId }],
    queryFn: ({ signal }) => loadAll<PolicySummary>(serverId ? `/servers/${serverId}/policies` : "/policies", signal),
    refetchInterval: pollMs,
  });
}

export function usePolicy(id: string) {
  return useQuery({
    queryKey: ["policies", id],
    queryFn: ({ signal }) => load<PolicyAnswer>(`/policies/${id}`, signal),
    // The editor holds the draft while it is open; a reload under the author's hands is its own decision.
    refetchOnWindowFocus: false,
    refetchOnMount: "always",
  });
}

export function usePolicyVersions(id: string) {
  return useQuery({
    queryKey: ["policies", id, "versions"],
    queryFn: ({ signal }) => loadAll<PolicyVersion>(`/policies/${id}/versions`, signal),
  });
}

/** What the version in shadow would have changed, read again while it is looked at. */
export function useShadow(policyId: string) {
  return useQuery({
    queryKey: ["policies", policyId, "shadow"],
    queryFn: ({ signal }) => load<ShadowAnswer>(`/policies/${policyId}/shadow`, signal),
    refetchInterval: 5_000,
  });
}

export function useGrants(serverId?: string, { pollMs = false }: Polling = {}) {
  return useQuery({
    queryKey: ["grants", { serverId }],
    queryFn: ({ signal }) => loadAll<GrantAnswer>(serverId ? `/servers/${serverId}/grants` : "/grants", signal),
    refetchInterval: pollMs,
  });
}

export function useApiKeys() {
  return useQuery({ queryKey: ["api-keys"], queryFn: ({ signal }) => loadAll<ApiKey>("/api-keys", signal) });
}

/** What was written in the contact form, newest first. */
export function useContactMessages() {
  return useInfiniteQuery({
    queryKey: ["contact-messages"],
    queryFn: ({ pageParam, signal }) =>
      load<{ items: ContactMessageAnswer[]; nextCursor: string | null }>(
        `/contact-messages${pageParam ? `?cursor=${pageParam}` : ""}`,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });
}

const callsPerPage = 50;

export function callsKey(filters: CallFilters, perPage = callsPerPage) {
  return ["calls", filters, perPage] as const;
}

/**
 * The decision log, newest first. While `live` it is read again now and then, for what the live tail (`useCallTail`) may miss; until
 * that is connected, every two seconds.
 */
export function useCalls(
  filters: CallFilters,
  { live, perPage = callsPerPage }: { live: boolean | "tail"; perPage?: number },
) {
  return useInfiniteQuery({
    queryKey: callsKey(filters, perPage),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ limit: String(perPage) });
      for (const [name, value] of Object.entries(filters)) if (value) query.set(name, value);
      if (pageParam !== null) query.set("cursor", pageParam);
      return load<{ items: CallAnswer[]; nextCursor: string | null }>(`/calls?${query}`, signal);
    },
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: ({ state }) => {
      if (live === false) return false;
      return (live === "tail" ? 60_000 : 2_000) * Math.max(1, state.data?.pages.length ?? 1);
    },
  });
}

export type StackFilters = { q?: string; severity?: string; serverId?: string; reach?: string; unprotected?: string };

/** Every tool of the organisation, the riskiest first. What was there stays in sight while a filter changes. */
export function useStack(filters: StackFilters) {
  return useInfiniteQuery({
    queryKey: ["stack", filters],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams(filters);
      if (pageParam !== null) query.set("cursor", pageParam);
      return load<StackAnswer>(`/stack?${query}`, signal);
    },
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
}

/** Jobs on the catalog, newest first; read again every second while one is under way. */
export function useCatalogJobs() {
  return useInfiniteQuery({
    queryKey: ["catalog-jobs"],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      load<{ items: CatalogJobAnswer[]; nextCursor: string | null }>(
        `/catalog/jobs${pageParam === null ? "" : `?cursor=${encodeURIComponent(pageParam)}`}`,
        signal,
      ),
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: ({ state }) => {
      const items = state.data?.pages.flatMap((page) => page.items) ?? [];
      return items.some(({ status }) => status === "queued" || status === "running") ? 1_000 : 10_000;
    },
  });
}

/** Reloads everything that a change of a server, policy or grant can show up in. */
export function reloadAll(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ predicate: ({ queryKey: [subject] }) => subject !== "calls" });
}
