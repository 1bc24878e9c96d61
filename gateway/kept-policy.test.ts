import pino from "pino";
import { describe, expect, it } from "vitest";
import { evaluate } from "../policy/evaluate.ts";
import { generateCall, generateDocument, randomOf, startTime } from "../policy/generate.test-support.ts";
import { parsePolicy } from "../policy/parse.ts";
import { KeptVersion } from "./kept-policy.ts";

const log = pino({ level: "silent" });
const state = { frozen: false, definitionChanged: false };
const kept = (document: string | null) => new KeptVersion({ policyId: "p", version: 1, document }, log);

describe("a version that the gateway keeps", () => {
  it("decides as its document does, however it was read", async () => {
    const seed = Date.now() % 4_294_967_296;
    const random = randomOf(seed);
    for (let nth = 0; nth < 300; nth++) {
      const document = generateDocument(random);
      const text = JSON.stringify(document, null, nth % 3);
      const parsed = parsePolicy(text);
      if (!parsed.ok) throw new Error(`seed ${seed}: ${text}`);
      const version = kept(text);
      if (nth % 2 === 0) await version.open();
      const { policy } = version;
      expect(policy?.document).toEqual(document);
      for (let calls = 0; calls < 20; calls++) {
        const call = generateCall(random, startTime);
        const trace = { trace: true };
        const decision = evaluate(policy, call, state, trace);
        expect(decision, `seed ${seed}: ${text}`).toEqual(evaluate(parsed.policy, call, state, trace));
      }
    }
  });

  it("has every rule, also those with the strangest names", () => {
    const names = ["__proto__", "7", "2", "a/b~c", 'say "no"', "ünïcode", "constructor"];
    const tools = names.map((name) => `${JSON.stringify(name)}: {"action": "deny", "reason": ${JSON.stringify(name)}}`);
    const text = `{"version": "1", "tools": {${tools.join()}}, "default": "allow", "all_tools": {"reason": "all"}}`;
    const { policy } = kept(text);
    expect(names.map((name) => policy?.exact.get(name)?.reason)).toEqual(names);
    expect(policy?.allTools?.reason).toBe("all");
  });

  it.each([
    ["that nobody has", null],
    ["of another version of the language", '{"version":"2","default":"allow"}'],
    ["that is no JSON", "{"],
    ["with the same key twice", '{"version":"1","default":"deny","default":"allow"}'],
    ["with a rule that nobody knows", '{"version":"1","default":"allow","tools":{"a":{"unheard_of":true}}}'],
    [
      "with a path that leads nowhere",
      '{"version":"1","default":"allow","tools":{"a":{"deny_if":[{"conditions":[{"path":"x.y","op":"eq","value":1}]}]}}}',
    ],
  ])("has no policy for a document %s", async (_, document) => {
    expect(kept(document).policy).toBeNull();
    const opened = kept(document);
    await opened.open();
    expect(opened.isOpen && opened.policy).toBeNull();
  });

  it("lets nothing pass by a regex that cannot be read", () => {
    const condition = { conditions: [{ path: "args.name", op: "regex", value: "(" }] };
    const document = {
      version: "1",
      default: "allow",
      tools: { a: { require: [condition] }, b: { deny_if: [condition] } },
    };
    const { policy } = kept(JSON.stringify(document));
    const call = generateCall(randomOf(1), startTime);
    for (const tool of ["a", "b"]) {
      expect(evaluate(policy, { ...call, tool, arguments: { name: "x" } }, state).code).not.toBe("allowed");
    }
  });

  it("decides the same when its rules were forgotten meanwhile", () => {
    const regex = (nth: number) => ({ path: "args.name", op: "regex", value: `^x${nth}[a-z0-9]{0,200}$` });
    const tools = Array.from({ length: 400 }, (_, nth) => [`t${nth}`, { require: [{ conditions: [regex(nth)] }] }]);
    const { policy } = kept(JSON.stringify({ version: "1", default: "deny", tools: Object.fromEntries(tools) }));
    const call = generateCall(randomOf(1), startTime);
    const codeOf = (tool: number, name: string) =>
      evaluate(policy, { ...call, category: "Read", tool: `t${tool}`, arguments: { name } }, state).code;
    for (let round = 0; round < 2; round++) {
      for (let nth = 0; nth < 400; nth++) {
        expect(codeOf(nth, `x${nth}yes`)).toBe("allowed");
        expect(codeOf(nth, `y${nth}no`)).toBe("requirement_failed");
      }
    }
  });
});
