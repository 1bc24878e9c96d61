import { useMemo } from "react";
import { load } from "@/app/_client/api.ts";
import { usePolicies, useServers } from "@/app/_client/queries.ts";
import type { PolicyAnswer, TrafficAnswer } from "@/app/api/v1/schemas.ts";
import type { StartingSources } from "@/components/policy-editor/starting-point.tsx";

/** What a policy for this server can start from: its calls, and the other policies of the organisation. */
export function useStartingSources(serverId: string, withoutPolicyId?: string): StartingSources {
  const policies = usePolicies().data;
  const servers = useServers().data;
  return useMemo(() => {
    const nameOf = new Map(servers?.map(({ id, name }) => [id, name]));
    return {
      serverId,
      loadTraffic: (days, signal) => load<TrafficAnswer>(`/servers/${serverId}/traffic?days=${days}`, signal),
      policies: (policies ?? [])
        .filter(({ id }) => id !== withoutPolicyId)
        .map(({ id, name, serverId }) => ({ id, name, serverName: nameOf.get(serverId) ?? "another server" })),
      loadPolicy: async (id, signal) => (await load<PolicyAnswer>(`/policies/${id}`, signal)).document,
    };
  }, [serverId, withoutPolicyId, policies, servers]);
}
