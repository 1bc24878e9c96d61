import { describe, expect, it } from "vitest";
import type { Reservation } from "../policy/evaluate.ts";
import { Counters } from "../policy/limits.ts";
import { parsePolicy } from "../policy/parse.ts";
import { mentionsOf, recordArguments } from "../policy/recorded.ts";
import { type Call, callTool, type Forwarded, type World } from "./call.ts";
import type { Caller } from "./caller.ts";
import type { DecisionRecord, OutcomeRecord } from "./journal.ts";
import { toolRefusal } from "./refusals.ts";
import { serving } from "./serving.test-support.ts";
import { shapeOf } from "./tool-shape.ts";

const answered: Forwarded = { outcome: "answered", upstreamStatus: 200, upstreamMs: 5, trouble: null };

/** A world where everything works, except what the test says. */
function worldWhere(changes: Partial<World>) {
  const steps: string[] = [];
  const records: (DecisionRecord | OutcomeRecord)[] = [];
  const counters = new Counters();
  const world: World = {
    now: () => 1_000,
    newId: () => "the-id",
    reserve: (reservations, now) => {
      steps.push(`reserve ${reservations.map(({ key }) => JSON.stringify(key).slice(0, 9)).join()}`.slice(0, 7));
      return counters.reserve(reservations, now);
    },
    giveBack: (reservations, at) => {
      if (reservations.length > 0) steps.push("give back");
      counters.giveBack(reservations, at);
    },
    record: async (record, unsealed) => {
      const recorded = unsealed && recordArguments(unsealed.arguments, unsealed.mentions);
      records.push(recorded ? Object.assign(record, { sealedArguments: recorded }) : record);
      steps.push(`record ${record.code}`);
      return true;
    },
    conclude: (outcome, decision) => {
      expect(records, "what it concludes was recorded").toContain(decision);
      records.push(outcome);
      steps.push(`record ${outcome.outcome}`);
    },
    forward: async () => {
      steps.push("forward");
      return answered;
    },
    argumentsText: () => "{}",
    askPerson: async () => ({
      ...{ kind: "refused", code: "approval_required", message: "A person has to approve it." },
      ...{ approvalId: "the-approval", notice: null },
    }),
    unuse: (id) => {
      steps.push(`unuse ${id}`);
    },
    callerNow: () => null,
    edit: () => null,
    ...changes,
  };
  return { world, steps, records };
}

type Changes = Partial<Caller> & {
  mode?: "enforce" | "shadow";
  /** The document of the version beside the enforced one. */
  beside?: object;
  mentions?: string[];
};

function parsedOf(document: object) {
  const parsed = parsePolicy(JSON.stringify({ version: "1", ...document }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed;
}

function callerWith(document: object | null, changes: Changes = {}): Caller {
  const parsed = document === null ? null : parsedOf(document);
  const { mode = "enforce", beside, mentions = [], ...rest } = changes;
  const shadow = beside === undefined ? null : { version: 4, policy: parsedOf(beside).policy };
  const inForce = { id: "policy", serverId: "server", version: 3, mentioned: { through: 4, paths: [] } };
  return {
    grant: {
      id: "grant",
      organisationId: "organisation",
      serverId: "server",
      policyId: parsed ? "policy" : null,
      label: "ci",
      tokenHash: "",
      frozen: false,
      expiresAt: null,
    },
    server: {
      id: "server",
      organisationId: "organisation",
      frozen: false,
      ...serving({ read: "Read", wipe: "Destructive" }),
      upstream: null,
      logsArgumentValues: true,
      mentions: mentionsOf(mentions),
    },
    frozen: false,
    policy: parsed ? { ...inForce, mode, policy: parsed.policy, shadow } : "none",
    ...rest,
  };
}

const call = (tool: string | null, args: object = {}): Call => ({
  tool,
  arguments: args,
  sessionTag: "session",
  clientName: "tester",
});
const limit = (max: number) => ({ limits: [{ counter: "calls", window: "minute", max }] });
const asksFirst = { default: "deny", tools: { read: { action: "require_approval", ...limit(1) } } };
const allowAll = { default: "allow" };
const limited = { default: "deny", tools: { read: limit(1) } };

describe("a tools/call that a person approved", () => {
  const approve: Partial<World> = { askPerson: async () => ({ kind: "approved", id: "the-approval", edited: null }) };
  const bound = (document: object, changes: Changes = {}) => {
    const caller = callerWith(document, changes);
    return { caller, callerNow: () => caller };
  };

  it("goes, counts against its limits once, and names who let it go", async () => {
    const { caller, callerNow } = bound(asksFirst);
    const { world, steps, records } = worldWhere({ ...approve, callerNow });
    expect(await callTool(caller, call("read"), 0, world)).toBeNull();
    expect(steps).toEqual(["reserve", "give back", "reserve", "record allowed", "forward", "record answered"]);
    expect(records[0]).toMatchObject({ code: "allowed", approvalId: "the-approval", reserve: [{ amount: 1 }] });
  });

  it("leaves the approval as it was when it is not made", async () => {
    const { caller, callerNow } = bound(asksFirst);
    const notSent: Forwarded = { ...answered, outcome: "not_sent", trouble: "upstream_unreachable" };
    const away = worldWhere({ ...approve, callerNow, forward: async () => notSent });
    expect(await callTool(caller, call("read"), 0, away.world)).toMatchObject({ code: "upstream_unreachable" });
    expect(away.steps).toContain("unuse the-approval");
    const full = worldWhere({ ...approve, callerNow, record: async () => false });
    expect(await callTool(caller, call("read"), 0, full.world)).toMatchObject({ code: "record_unavailable" });
    expect(full.steps).toContain("unuse the-approval");
  });

  it("is decided by what holds when it is let go", async () => {
    const { caller } = bound(asksFirst);
    const frozen = worldWhere({ ...approve, callerNow: () => ({ ...caller, frozen: true }) });
    expect(await callTool(caller, call("read"), 0, frozen.world)).toMatchObject({ code: "frozen" });
    expect(frozen.steps).not.toContain("forward");
    const unknown = worldWhere({ ...approve, callerNow: () => null });
    expect(await callTool(caller, call("read"), 0, unknown.world)).toMatchObject({ code: "policy_unavailable" });
    expect(unknown.steps).not.toContain("forward");
    expect(unknown.steps).toContain("unuse the-approval");
  });

  it("has to be approved again under another version of the policy or another definition", async () => {
    const { caller } = bound(asksFirst);
    if (typeof caller.policy !== "object") throw new Error("it has a policy");
    const otherVersion = { ...caller, policy: { ...caller.policy, version: 4 } };
    const tools = new Map([["read", { category: "Read" as const, definitionHash: "another" }]]);
    const otherDefinition = { ...caller, server: { ...caller.server, tools } };
    for (const now of [otherVersion, otherDefinition]) {
      let asked = 0;
      const { world, steps } = worldWhere({
        callerNow: () => now,
        askPerson: async () => {
          asked += 1;
          if (asked === 1) return { kind: "approved", id: "the-approval", edited: null };
          return { kind: "refused", code: "approval_required", message: "Ask.", approvalId: "another", notice: null };
        },
      });
      expect(await callTool(caller, call("read"), 0, world)).toMatchObject({ code: "approval_required" });
      expect(steps).toContain("unuse the-approval");
      expect(steps).not.toContain("forward");
    }
  });

  it("goes with the approver's arguments, unless the policy denies those", async () => {
    const document = {
      default: "deny",
      tools: {
        read: {
          require: [{ conditions: [{ path: "args.size", op: "in", value: ["small", "large"] }] }],
          approve_if: [{ conditions: [{ path: "args.size", op: "eq", value: "large" }] }],
        },
      },
    };
    const { caller, callerNow } = bound(document);
    const edited = (size: string) =>
      worldWhere({
        callerNow,
        askPerson: async () => ({ kind: "approved", id: "the-approval", edited: JSON.stringify({ size }) }),
        edit: (text) => JSON.parse(text),
      });
    const small = edited("small");
    expect(await callTool(caller, call("read", { size: "large" }), 0, small.world)).toBeNull();
    expect(small.steps).toContain("forward");
    const huge = edited("huge");
    expect(await callTool(caller, call("read", { size: "large" }), 0, huge.world)).toMatchObject({
      code: "requirement_failed",
    });
    expect(huge.steps).not.toContain("forward");
    expect(huge.steps).toContain("unuse the-approval");
  });
});

describe("a tools/call through the gateway", () => {
  it("of a tool with an endless name is unknown without being compared with every glob", async () => {
    const hide = Array.from({ length: 30 }, (_, nth) => `*${"a".repeat(1_000)}${nth}${"a".repeat(1_000)}*`);
    const { world, steps } = worldWhere({});
    const start = process.cpuUsage();
    const refusal = await callTool(callerWith({ ...allowAll, hide }), call("a".repeat(4_000_000)), 990, world);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1_000).toBeLessThan(3_000);
    expect(refusal?.code).toBe("unknown_tool");
    expect(steps).toEqual(["record unknown_tool"]);
  }, 120_000);

  it("with an argument that its tool says it does not have is refused, where rules read its arguments", async () => {
    const rule = { conditions: [{ path: "args._callerRole", op: "exists", value: true }] };
    const document = { default: "allow", tools: { read: { deny_if: [rule] } } };
    const definition = { inputSchema: { properties: { path: { type: "string" } }, additionalProperties: false } };
    const asked = async (args: object, policy: object = document) => {
      const caller = callerWith(policy);
      const shape = shapeOf(JSON.stringify(definition));
      Object.assign(caller.server.tools.get("read") ?? {}, { shape });
      const refusal = await callTool(caller, call("read", args), 990, worldWhere({}).world);
      return refusal && `${refusal.code} ${refusal.rule} ${refusal.message}`;
    };
    expect(await asked({ path: "/tmp" })).toBeNull();
    expect(await asked({ file: "/etc" })).toMatch(/^ambiguous_argument \(input schema\) read has no argument "file"/);
    // The policy's own word on an argument that the schema does not have.
    expect(await asked({ _callerRole: "admin" })).toMatch(/^denied \/tools\/read\/deny_if\/0/);
    expect(await asked({ file: "/etc" }, allowAll)).toBeNull();
  });

  it("whose argument only looks like one that a rule is about is refused, recorded, and not forwarded", async () => {
    const caller = callerWith({
      default: "deny",
      tools: { read: { deny_if: [{ conditions: [{ path: "args._callerRole", op: "exists", value: true }] }] } },
    });
    for (const key of ["_CALLERROLE", "_callerRole\0", "_caller\u200bRole"]) {
      const { world, steps, records } = worldWhere({});
      const refusal = await callTool(caller, call("read", { [key]: "admin" }), 990, world);
      expect(refusal).toMatchObject({ code: "ambiguous_argument", rule: "(arguments)", decisionId: "the-id" });
      expect(steps).toEqual(["record ambiguous_argument"]);
      expect(records[0]).toMatchObject({ code: "ambiguous_argument", argumentKeys: [key], reserve: [] });
      if (refusal) expect(toolRefusal("1", "legacy", "read", refusal)).toContain('"text":"[POLICY DENIED] An argument');
    }
  });

  it("is decided, reserved, recorded, forwarded, and recorded again, in that order", async () => {
    const { world, steps, records } = worldWhere({});
    expect(await callTool(callerWith(limited), call("read", { path: "/secret" }), 990, world)).toBeNull();
    expect(steps).toEqual(["reserve", "record allowed", "forward", "record answered"]);
    expect(records[0]).toMatchObject({
      id: "the-id",
      at: 1_000,
      tool: "read",
      policyId: "policy",
      policyVersion: 3,
      rule: "/tools/read",
      wouldDeny: false,
      argumentKeys: ["path"],
      clientName: "tester",
      reserve: [{ windowMs: 60_000, amount: 1 }],
      gatewayMs: 10,
    });
    expect(JSON.stringify(records)).not.toContain("/secret");
  });

  it("is refused, and that is recorded, when the policy denies it", async () => {
    const { world, steps } = worldWhere({});
    const refusal = await callTool(callerWith({ default: "deny" }), call("read"), 0, world);
    expect(refusal).toMatchObject({ code: "default_deny", rule: "/default", decisionId: "the-id" });
    expect(steps).toEqual(["record default_deny"]);
  });

  it("is not made when it cannot be recorded first, and then holds nothing", async () => {
    const { world, steps } = worldWhere({ record: async () => false });
    expect(await callTool(callerWith(limited), call("read"), 0, world)).toMatchObject({ code: "record_unavailable" });
    expect(steps).toEqual(["reserve", "give back"]);
  });

  it("is refused when a limit has no room, with a time that is true", async () => {
    let now = 1_000;
    const { world, steps } = worldWhere({ now: () => now });
    await callTool(callerWith(limited), call("read"), 0, world);
    now = 31_500;
    const refusal = await callTool(callerWith(limited), call("read"), 0, world);
    expect(refusal).toMatchObject({ code: "rate_limited", rule: "/tools/read/limits/0", retryAfterS: 30 });
    expect(steps.filter((step) => step === "forward")).toHaveLength(1);
    now += 30_000;
    expect(await callTool(callerWith(limited), call("read"), 0, world)).toBeNull();
  });

  it("gives back what it held when nothing was sent, and only then", async () => {
    for (const [outcome, expected] of [
      ["not_sent", "give back"],
      ["unknown", "record unknown"],
      ["upstream_error", "record upstream_error"],
    ] as const) {
      const trouble = "upstream_unreachable";
      const { world, steps } = worldWhere({ forward: async () => ({ ...answered, outcome, trouble }) });
      expect(await callTool(callerWith(limited), call("read"), 0, world)).toMatchObject({ code: trouble });
      expect(steps[2]).toBe(expected);
    }
  });

  it("is refused when the counters cannot be asked", async () => {
    const { world, steps } = worldWhere({ reserve: () => ({ ok: "unavailable" }) });
    expect(await callTool(callerWith(limited), call("read"), 0, world)).toMatchObject({ code: "counter_unavailable" });
    expect(steps).toEqual(["record counter_unavailable"]);
  });

  it("is refused when a person has to approve it, and takes nothing of its limits", async () => {
    const { world, steps, records } = worldWhere({});
    const refusal = await callTool(callerWith(asksFirst), call("read"), 0, world);
    expect(refusal).toMatchObject({ code: "approval_required", message: "A person has to approve it." });
    expect(steps).toEqual(["reserve", "give back", "record approval_required"]);
    expect(records[0]).toMatchObject({ approvalId: "the-approval", reserve: [] });
  });

  it("asks nobody about a call that its limits have no room for", async () => {
    const asked: string[] = [];
    const { world } = worldWhere({
      reserve: (wanted) => ({ ok: false, failed: wanted[0] as Reservation, retryAfterS: 5 }),
      askPerson: async ({ tool }) => {
        asked.push(tool);
        return { kind: "again" };
      },
    });
    expect(await callTool(callerWith(asksFirst), call("read"), 0, world)).toMatchObject({ code: "rate_limited" });
    expect(asked).toEqual([]);
  });

  it("is refused without a policy, while frozen, and when the policy cannot be read", async () => {
    const cases: [Caller, string][] = [
      [callerWith(null), "no_policy"],
      [callerWith(allowAll, { frozen: true }), "frozen"],
      [callerWith(allowAll, { frozen: true, mode: "shadow" }), "frozen"],
      [callerWith(allowAll, { policy: "unavailable" }), "policy_unavailable"],
    ];
    for (const [caller, code] of cases) {
      const { world, steps } = worldWhere({});
      expect(await callTool(caller, call("read"), 0, world)).toMatchObject({ code });
      expect(steps).toEqual([`record ${code}`]);
    }
  });

  it("is not forwarded when something in it is a bug", async () => {
    const { world, steps } = worldWhere({
      reserve: () => {
        throw new Error("a bug");
      },
    });
    expect(() => callTool(callerWith(limited), call("read"), 0, world)).toThrow("a bug");
    expect(steps).toEqual([]);
  });
});

describe("a tool that the server does not list", () => {
  it("is unknown, also to a policy that allows everything", async () => {
    for (const tool of ["unlisted", "Read", "read ", "__proto__", null]) {
      const { world, steps } = worldWhere({});
      expect(await callTool(callerWith(allowAll), call(tool), 0, world)).toMatchObject({ code: "unknown_tool" });
      expect(steps).toEqual(["record unknown_tool"]);
    }
  });

  it("is decided when the policy names it exactly", async () => {
    const { world } = worldWhere({});
    const named = callerWith({ default: "deny", tools: { unlisted: {}, "un*": {} } });
    expect(await callTool(named, call("unlisted"), 0, world)).toBeNull();
    expect(await callTool(named, call("unknown"), 0, world)).toMatchObject({ code: "unknown_tool" });
  });

  it("is answered like a hidden one, to the letter", async () => {
    const caller = callerWith({ default: "allow", hide: ["wipe"] });
    const { world } = worldWhere({});
    const hidden = await callTool(caller, call("wipe"), 0, world);
    const unknown = await callTool(caller, call("gone"), 0, world);
    if (hidden === null || unknown === null) throw new Error("was forwarded");
    const one = toolRefusal("1", "legacy", "wipe", hidden);
    expect(one).toBe('{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Unknown tool: wipe"}}');
    expect(toolRefusal("1", "legacy", "gone", unknown)).toBe(one.replace("wipe", "gone"));
  });
});

describe("a policy that is only being tried", () => {
  it("forwards what it would deny, and says so in the record", async () => {
    const { world, steps, records } = worldWhere({});
    const trial = callerWith({ default: "deny", tools: { read: limit(1) } }, { mode: "shadow" });
    expect(await callTool(trial, call("wipe"), 0, world)).toBeNull();
    expect(steps).toEqual(["record default_deny", "forward", "record answered"]);
    expect(records[0]).toMatchObject({ code: "default_deny", wouldDeny: true });
  });

  it("counts for itself and uses no quota of a policy in force", async () => {
    const keys: string[] = [];
    const counters = new Counters();
    const { world, records } = worldWhere({
      reserve: (reservations: readonly Reservation[], now: number) => {
        keys.push(...reservations.map(({ key }) => key));
        return counters.reserve(reservations, now);
      },
    });
    const trial = callerWith(limited, { mode: "shadow" });
    for (let i = 0; i < 2; i += 1) expect(await callTool(trial, call("read"), 0, world)).toBeNull();
    expect(records.filter(({ kind }) => kind === "decision")).toMatchObject([
      { code: "allowed", wouldDeny: false },
      { code: "rate_limited", wouldDeny: true },
    ]);
    expect(await callTool(callerWith(limited), call("read"), 0, world)).toBeNull();
    expect(keys.map((key) => key.startsWith("shadow:"))).toEqual([true, true, false]);
  });
});

describe("what the agent reads", () => {
  const refusal = {
    code: "rate_limited" as const,
    message: "read is limited to 1 call a minute. Try again in 42 s.",
    rule: "/tools/read/limits/0",
    retryAfterS: 42,
    decisionId: "the-id",
  };

  it("is a tool result that says what was refused and when to come back", () => {
    expect(JSON.parse(toolRefusal("7", "legacy", "read", refusal))).toEqual({
      jsonrpc: "2.0",
      id: 7,
      result: {
        isError: true,
        content: [{ type: "text", text: "[POLICY DENIED] read is limited to 1 call a minute. Try again in 42 s." }],
        _meta: {
          "policylayer/decision": {
            code: "rate_limited",
            rule: "/tools/read/limits/0",
            retry_after_s: 42,
            decision_id: "the-id",
          },
        },
      },
    });
  });

  it("carries a result type in the modern era, and the id as it was written", () => {
    const text = toolRefusal('"a\\u0041"', "modern", "read", refusal);
    expect(text).toContain('"id":"a\\u0041"');
    expect(JSON.parse(text).result.resultType).toBe("complete");
  });

  it("does not call a server's failure a denial", () => {
    const failed = { ...refusal, code: "upstream_unreachable" as const, message: null };
    expect(JSON.parse(toolRefusal("7", "legacy", "read", failed)).result.content[0].text).toMatch(/^The server cannot/);
  });
});

describe("a version beside the enforced one", () => {
  const shadowOf = (record: DecisionRecord | OutcomeRecord | undefined) => {
    if (record?.kind !== "decision") throw new Error("no decision");
    const { code, shadowVersion, shadowCode, shadowRule } = record;
    return { code, shadowVersion, shadowCode, shadowRule };
  };

  it("says on record what it would have answered, and the call is answered as it was", async () => {
    const { world, steps, records } = worldWhere({});
    const stricter = callerWith(allowAll, { beside: { default: "deny" } });
    expect(await callTool(stricter, call("read"), 990, world)).toBeNull();
    const shadow = { shadowVersion: 4, shadowCode: "default_deny", shadowRule: "/default" };
    expect(shadowOf(records[0])).toEqual({ code: "allowed", ...shadow });
    expect(steps).toEqual(["record allowed", "forward", "record answered"]);

    const looser = callerWith({ default: "deny" }, { beside: allowAll });
    expect(await callTool(looser, call("read"), 990, world)).toMatchObject({ code: "default_deny" });
    expect(shadowOf(records[2])).toMatchObject({ code: "default_deny", shadowCode: "allowed" });
  });

  it("counts for itself, also where the enforced one refuses, and apart from a policy that is being tried", async () => {
    const { world, records } = worldWhere({});
    const caller = callerWith(limited, { beside: { default: "deny", tools: { read: limit(2) } } });
    const codes = async (one: Caller) => {
      await callTool(one, call("read"), 990, world);
      const last = records.findLast(({ kind }) => kind === "decision");
      return [shadowOf(last).code, shadowOf(last).shadowCode];
    };
    expect(await codes(caller)).toEqual(["allowed", "allowed"]);
    expect(await codes(caller)).toEqual(["rate_limited", "allowed"]);
    expect(await codes(caller)).toEqual(["rate_limited", "rate_limited"]);
    expect(await codes(callerWith(limited, { mode: "shadow" }))).toEqual(["allowed", undefined]);
    const keys = records.flatMap((record) => (record.kind === "decision" ? record.reserve.map(({ key }) => key) : []));
    expect(keys.map((key) => key.split("[")[0])).toEqual(["", "shadow:policy:", "shadow:policy:", "shadow:"]);
  });

  it("gives back with the enforced one when the call was not sent, and when it cannot be recorded", async () => {
    for (const change of [
      { forward: async (): Promise<Forwarded> => ({ ...answered, outcome: "not_sent", trouble: "upstream_failed" }) },
      { record: async () => false },
    ]) {
      const given: string[] = [];
      const { world } = worldWhere({ ...change, giveBack: (held) => given.push(...held.map(({ key }) => key)) });
      const caller = callerWith(limited, { beside: limited });
      await callTool(caller, call("read"), 990, world);
      expect(given.map((key) => key.split("[")[0])).toEqual(["", "shadow:policy:"]);
    }
  });

  it("is not asked about a call that the policy did not decide", async () => {
    const { world, records } = worldWhere({});
    await callTool(callerWith(allowAll, { beside: allowAll, frozen: true }), call("read"), 990, world);
    await callTool(callerWith(allowAll, { beside: allowAll }), call("unlisted"), 990, world);
    await callTool(callerWith(allowAll, { beside: allowAll }), call(null), 990, world);
    expect(records.map((record) => record.kind === "decision" && record.code)).toEqual([
      "frozen",
      "unknown_tool",
      "unknown_tool",
    ]);
    expect(records.filter((record) => "shadowCode" in record)).toEqual([]);
  });

  it("troubles no call, whatever troubles it", async () => {
    const asked: string[] = [];
    const troubles: World["reserve"][] = [
      () => {
        throw new Error("no counters");
      },
      () => Promise.reject(new Error("no counters")),
      () => ({ ok: "unavailable" }),
    ];
    for (const reserve of troubles) {
      const { world, records } = worldWhere({
        reserve: (reservations, now) => {
          asked.push(...reservations.map(({ key }) => key));
          return reserve(reservations, now);
        },
      });
      expect(await callTool(callerWith(allowAll, { beside: limited }), call("read"), 990, world)).toBeNull();
      expect(records[0]).not.toHaveProperty("shadowCode");
    }
    expect(asked).toHaveLength(3);
  });
});

describe("what is kept of the arguments", () => {
  const kept = async (args: object, mentions: string[]) => {
    const { world, records } = worldWhere({});
    await callTool(callerWith(allowAll, { mentions }), call("read", args), 990, world);
    return records[0];
  };

  it("goes to be sealed, and only what policies mention", async () => {
    expect(await kept({ a: "kept", b: "secret" }, ["args.a"])).toMatchObject({
      argumentKeys: ["a", "b"],
      sealedArguments: '{"paths":["args.a"],"values":[["a",{"value":"kept"}]]}',
    });
    for (const nothing of [await kept({ b: "secret" }, ["args.a"]), await kept({ a: "secret" }, [])]) {
      expect(nothing).not.toHaveProperty("sealedArguments");
    }
  });
});

describe("a call of a tool whose definition is not the accepted one", () => {
  const changed = { kind: "tool", name: "read", definitionHash: "2", problem: "changed", isRejected: false } as const;
  const callers = (onDefinitionChange: "serve" | "hold" | "block", over: object = {}, policy: object = allowAll) => {
    const caller = callerWith(policy);
    const changes = [{ ...changed, ...over }];
    const served = serving({ read: "Read", wipe: "Destructive" }, { onDefinitionChange, changes });
    return { ...caller, server: { ...caller.server, ...served } };
  };
  const codeOf = async (caller: Caller, tool: string) => {
    const { world, records } = worldWhere({});
    await callTool(caller, call(tool), 990, world);
    return records[0]?.kind === "decision" ? records[0].code : null;
  };

  it.each([
    ["serve", "allowed", "allowed"],
    ["hold", "definition_changed", "allowed"],
    ["block", "definition_changed", "definition_changed"],
  ] as const)("under %s is %s, and of another tool %s", async (setting, own, other) => {
    expect(await codeOf(callers(setting), "read")).toBe(own);
    expect(await codeOf(callers(setting), "wipe")).toBe(other);
  });

  it.each([{ isRejected: true }, { problem: "duplicate" }, { problem: "look_alike" }, { problem: "unreadable" }])(
    "is denied whatever the setting is, when the change is %o",
    async (over) => {
      expect(await codeOf(callers("serve", over), "read")).toBe("definition_changed");
      expect(await codeOf(callers("serve", over), "wipe")).toBe("allowed");
    },
  );

  it("is denied also where the policy is only being tried, and where that policy would hide the tool", async () => {
    for (const policy of [allowAll, { default: "hide" }]) {
      const caller = callers("hold", {}, policy);
      if (typeof caller.policy === "string") throw new Error("there is a policy");
      const tried = { ...caller, policy: { ...caller.policy, mode: "shadow" as const } };
      const { world, steps } = worldWhere({});
      const refusal = await callTool(tried, call("read"), 990, world);
      expect(refusal?.code).toBe("definition_changed");
      expect(steps).toEqual(["record definition_changed"]);
    }
  });

  it("stays unknown where it was hidden or never listed, so that nothing is learnt of it", async () => {
    expect(await codeOf(callers("hold", {}, { ...allowAll, hide: ["read"] }), "read")).toBe("hidden");
    expect(await codeOf(callers("block"), "no_such_tool")).toBe("unknown_tool");
  });

  it("is not denied for a tool that is new beside it", async () => {
    expect(await codeOf(callers("block", { name: "newcomer" }), "read")).toBe("allowed");
  });

  it("is denied by a name that cannot be told from others, even one that the policy names", async () => {
    expect(await codeOf(callerWith({ default: "deny", tools: { rеаd: {} } }), "rеаd")).toBe("unknown_tool");
  });
});
