import { evaluate, rateLimitedDecision } from "../../policy/evaluate.ts";
import { Counters } from "../../policy/limits.ts";
import { parsePolicy } from "../../policy/parse.ts";
import { type Decided, examplePolicy } from "./example-policy.ts";

export type { Decided } from "./example-policy.ts";

/** Decides calls by the example policy as the gateway would, and counts them; nothing is sent anywhere. */
export class ExampleGateway {
  readonly #policy = policyOf(examplePolicy);
  readonly #counters = new Counters();

  call(tool: string, now: number): Decided {
    const decision = evaluate(
      this.#policy,
      {
        tool,
        category: tool === "vm_terminate" ? "Destructive" : "Execute",
        arguments: {},
        grant: { id: "example", label: "example" },
        client: {},
        session: {},
        server: { id: "example" },
        organisation: { id: "example" },
        now,
      },
      { frozen: false, definitionChanged: false },
    );
    const reserved = "reserve" in decision ? this.#counters.reserve(decision.reserve, now) : { ok: true as const };
    const { code, rule, message } = reserved.ok ? decision : rateLimitedDecision(reserved.failed, reserved.retryAfterS);
    return { tool, code, rule, message };
  }
}

/** Eleven calls of the limited tool within a minute, and one of a tool that the policy does not name. */
export function exampleCalls(now: number): Decided[] {
  const gateway = new ExampleGateway();
  const tools = [...Array.from({ length: 11 }, () => "vm_create_image"), "vm_terminate"];
  return tools.map((tool, index) => gateway.call(tool, now + index * 1_000));
}

function policyOf(text: string) {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error("the example policy has problems");
  return parsed.policy;
}
