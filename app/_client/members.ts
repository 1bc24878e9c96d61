"use client";
// What the pages about people read: members, invites, one's own account and the audit log.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type {
  AccountAnswer,
  AuditEventAnswer,
  InviteAnswer,
  MemberAnswer,
  SessionAnswer,
} from "../api/v1/member-schemas.ts";
import { load, loadAll } from "./api.ts";

export const roleWords: Record<MemberAnswer["role"], { title: string; about: string }> = {
  admin: { title: "Admin", about: "Everything: servers and their credentials, grants, members, keys, the brake." },
  policy_manager: {
    title: "Policy manager",
    about: "Writes policies, says which grant they apply to, and decides approvals. Sees no credentials.",
  },
  viewer: { title: "Viewer", about: "Reads everything but credentials, and tries calls. Changes nothing." },
};

export function useMembers() {
  return useQuery({ queryKey: ["members"], queryFn: ({ signal }) => loadAll<MemberAnswer>("/members", signal) });
}

/** For admins only. */
export function useInvites(enabled: boolean) {
  return useQuery({
    queryKey: ["invites"],
    queryFn: ({ signal }) => loadAll<InviteAnswer>("/invites", signal),
    enabled,
  });
}

export function useAccount() {
  return useQuery({ queryKey: ["account"], queryFn: ({ signal }) => load<AccountAnswer>("/account", signal) });
}

export function useSessions() {
  return useQuery({
    queryKey: ["sessions"],
    queryFn: ({ signal }) => loadAll<SessionAnswer>("/account/sessions", signal),
    refetchInterval: 30_000,
  });
}

export type AuditFilters = {
  action: string;
  targetKind: string;
  targetId: string;
  actorId: string;
  from: string;
  to: string;
};

/** Newest first. What was there stays in sight while a filter changes. */
export function useAudit(filters: AuditFilters, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ["audit", filters],
    enabled,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== ""));
      if (pageParam !== null) query.set("cursor", pageParam);
      return load<{ items: AuditEventAnswer[]; nextCursor: string | null }>(`/audit?${query}`, signal);
    },
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
}
