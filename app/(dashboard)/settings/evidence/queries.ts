"use client";
import { useQuery } from "@tanstack/react-query";
import type * as z from "zod";
import { load } from "@/app/_client/api.ts";
import type { EvidenceHeads, evidenceKeyAnswer, ForwardAnswer } from "@/app/api/v1/schemas.ts";

export function useHeads(enabled: boolean) {
  return useQuery({
    queryKey: ["evidence", "heads"],
    queryFn: ({ signal }) => load<EvidenceHeads>("/evidence/heads?limit=1", signal),
    refetchInterval: 5_000,
    enabled,
  });
}

export function useEvidenceKey(enabled: boolean) {
  return useQuery({
    queryKey: ["evidence", "key"],
    queryFn: ({ signal }) => load<z.infer<typeof evidenceKeyAnswer>>("/evidence/key", signal),
    staleTime: 60_000,
    enabled,
  });
}

export function useForward(enabled: boolean) {
  return useQuery({
    queryKey: ["evidence", "forward"],
    queryFn: ({ signal }) => load<ForwardAnswer>("/evidence/forward", signal),
    refetchInterval: 5_000,
    enabled,
  });
}
