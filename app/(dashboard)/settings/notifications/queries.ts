"use client";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { load } from "@/app/_client/api.ts";
import type { DeliveryAnswer, EndpointsAnswer } from "@/app/api/v1/approval-schemas.ts";

export function useEndpoints(enabled: boolean) {
  return useQuery({
    queryKey: ["notifications", "endpoints"],
    queryFn: ({ signal }) => load<EndpointsAnswer>("/notifications/endpoints", signal),
    enabled,
  });
}

/** Read again more often while something is under way. */
export function useDeliveries(status: "dead" | null, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ["notifications", "deliveries", status],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ limit: "20" });
      if (status !== null) query.set("status", status);
      if (pageParam !== null) query.set("cursor", pageParam);
      return load<{ items: DeliveryAnswer[]; nextCursor: string | null }>(`/notifications/deliveries?${query}`, signal);
    },
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.items.some((item) => item.status === "pending")) ? 1_000 : 10_000,
    enabled,
  });
}
