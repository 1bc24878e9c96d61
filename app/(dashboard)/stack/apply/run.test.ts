import { describe, expect, it } from "vitest";
import type { Answer } from "@/app/_client/api.ts";
import { firstTarget, grantsToAttach, newName, type Plan } from "./plan.ts";
import { carryOut } from "./run.ts";

const plan = (changes: Partial<Plan> = {}): Plan => ({
  serverId: "s",
  target: { kind: "update", policyId: "p", name: "mine" },
  text: "recommended",
  shadow: false,
  grants: [],
  ...changes,
});

type World = { draft?: string; document?: string; versions?: string[]; failing?: RegExp };

/** The management API as far as a plan meets it. */
function worldWhere({ draft = "mine", document = "mine", versions = ["mine"], failing }: World) {
  const asked: string[] = [];
  const world = { draft, revision: 3, asked };
  async function send<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const line = `${method} ${path}${body === undefined ? "" : ` ${JSON.stringify(body)}`}`;
    asked.push(line);
    if (failing?.test(line)) {
      const trouble = { code: "x", status: 500, detail: "It broke.", errors: [], more: {} };
      return { ok: false, trouble };
    }
    const answers: [RegExp, () => unknown][] = [
      [/^GET .*versions/, () => ({ items: versions.map((text) => ({ document: text })) })],
      [/^GET/, () => ({ id: "p", draft: world.draft, document, draftRevision: world.revision })],
      [
        /^PUT/,
        () => {
          world.draft = (body as { document: string }).document;
          world.revision += 1;
          return { revision: world.revision };
        },
      ],
      [/versions/, () => ({ version: 2, gateways: { live: 1, of: 1 } })],
      [/policies/, () => ({ id: "new", version: 1 })],
      [/grants/, () => ({})],
    ];
    return { ok: true, value: answers.find(([pattern]) => pattern.test(line))?.[1]() as T };
  }
  return { world, send };
}

const run = (given: Plan, { send }: ReturnType<typeof worldWhere>) => carryOut(given, send, () => {});

describe("applying the recommended policy", () => {
  it("publishes it as the next version of a policy", async () => {
    const there = worldWhere({});
    expect(await run(plan(), there)).toEqual({
      ok: true,
      applied: { policyId: "p", version: 2, gateways: { live: 1, of: 1 }, attached: 0 },
    });
    expect(there.world.asked.at(-1)).toContain('POST /policies/p/versions {"seenRevision":4,');
    expect(there.world.asked.at(-1)).not.toContain("shadow");
  });

  it("tries it beside the version in force, when only that is wanted", async () => {
    const there = worldWhere({});
    await run(plan({ shadow: true }), there);
    expect(there.world.asked.at(-1)).toContain('"shadow":true');
  });

  it("leaves a policy alone that says it already", async () => {
    const there = worldWhere({ document: "recommended", draft: "recommended" });
    expect(await run(plan(), there)).toMatchObject({ ok: true, applied: { version: null } });
    expect(there.world.asked).toEqual(["GET /policies/p"]);
  });

  it("never overwrites a draft that is on record nowhere else", async () => {
    const there = worldWhere({ draft: "hours of work" });
    expect(await run(plan(), there)).toMatchObject({ ok: false, detail: expect.stringContaining("never published") });
    expect(there.world.draft).toBe("hours of work");
    const tried = worldWhere({ draft: "tried", versions: ["mine", "tried"] });
    expect(await run(plan(), tried)).toMatchObject({ ok: true });
  });

  it("puts the draft back when it cannot be published", async () => {
    const there = worldWhere({ failing: /^POST/ });
    expect(await run(plan(), there)).toEqual({ ok: false, detail: "It broke.", applied: null });
    expect(there.world.draft).toBe("mine");
  });

  it("makes a policy and gives it to grants, and says how far it came", async () => {
    const grants = [
      { id: "a", label: "first" },
      { id: "b", label: "second" },
    ];
    const target = { kind: "new", name: "Recommended" } as const;
    const all = await run(plan({ target, grants }), worldWhere({}));
    expect(all).toEqual({ ok: true, applied: { policyId: "new", version: 1, gateways: null, attached: 2 } });
    const half = await run(plan({ target, grants }), worldWhere({ failing: /grants.b/ }));
    expect(half).toEqual({
      ok: false,
      detail: "second: It broke.",
      applied: { policyId: "new", version: 1, gateways: null, attached: 1 },
    });
  });
});

describe("the plan for a server", () => {
  const policy = (id: string, grantCount: number, draftDiffers = false) => ({ id, name: id, grantCount, draftDiffers });
  const first = (...policies: ReturnType<typeof policy>[]) => firstTarget(policies as never);

  it("updates the policy that most grants use, or makes one where there is none or somebody is at work", () => {
    expect(first(policy("a", 1), policy("b", 3))).toMatchObject({ kind: "update", policyId: "b" });
    expect(first()).toEqual({ kind: "new", name: "Recommended" });
    expect(first(policy("b", 3, true))).toEqual({ kind: "new", name: "Recommended" });
    expect(newName([{ name: "Recommended" }])).toBe("Recommended 2");
  });

  it("gives the policy to the grants that were meant, and a trial takes no protection away", () => {
    const grant = (id: string, policyId: string | null, status = "active") => ({ id, policyId, status });
    const grants = [grant("none", null), grant("other", "x"), grant("same", "p"), grant("revoked", null, "revoked")];
    const ids = (target: Plan["target"], attach: "none" | "without_policy" | "all", shadow = false) =>
      grantsToAttach(grants as never, target, { attach, shadow }).map(({ id }) => id);
    const [made, updated] = [{ kind: "new", name: "n" } as const, plan().target];
    expect(ids(updated, "none")).toEqual([]);
    expect(ids(updated, "without_policy")).toEqual(["none"]);
    expect(ids(updated, "all")).toEqual(["none", "other"]);
    expect(ids(made, "all")).toEqual(["none", "other", "same"]);
    expect(ids(made, "all", true)).toEqual(["none"]);
    expect(ids(updated, "all", true)).toEqual([]);
  });
});
