// What a caller may see of a server now: what was accepted of it and its policy does not hide.
import { isHidden } from "../policy/evaluate.ts";
import { type Caller, callerOfGrant } from "./caller.ts";
import { categoryOf } from "./category.ts";
import { type Sight, servedInstructions, servedPrompts, servedTools } from "./definitions.ts";
import type { View } from "./list.ts";
import type { Policies } from "./policies.ts";

const nothing: View = {
  tools: (listed) => listed.map(() => false),
  prompts: (listed) => listed.map(() => false),
  instructions: () => false,
  refused: new Set(),
};

export function viewFor(caller: Caller, { snapshot }: Policies, sight: Sight): View {
  const grant = snapshot?.grants.get(caller.grant.id);
  const current = snapshot && grant ? callerOfGrant(grant, snapshot) : null;
  if (current === null) return nothing;
  const { server, policy: inForce } = current;
  // A policy that is only being tried hides nothing.
  const policy = typeof inForce === "string" || inForce.mode === "shadow" ? null : inForce.policy;
  return {
    tools(listed) {
      // Also for a caller that sees none of them: what it was about to be served is on record.
      const served = servedTools(server, listed, sight);
      return listed.map(({ name }, at) => {
        const category = name === null ? undefined : categoryOf(server, name);
        if (served[at] !== true || category === undefined || name === null || inForce === "unavailable") return false;
        return !isHidden(policy, { name, category });
      });
    },
    prompts: (listed) => servedPrompts(server, listed, sight),
    instructions: (definition) => servedInstructions(server, definition, sight),
    refused: server.refused,
  };
}
