import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explain } from "./explain.ts";
import { parsePolicy } from "./parse.ts";

function sentencesOf(document: unknown): string[] {
  const parsed = parsePolicy(JSON.stringify(document));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  expect(explain(parsed.policy)).toEqual(explain(parsed.document));
  return explain(parsed.policy).map(({ pointer, sentence }) => `${pointer} ${sentence}`);
}

describe("explain", () => {
  it("says the recommended policy in two sentences", () => {
    const limits = [{ counter: "vm_create_image_rate", window: "minute", max: 10, scope: "grant" }];
    expect(sentencesOf({ version: "1", default: "deny", tools: { vm_create_image: { limits } } })).toEqual([
      "/default every tool that nothing names: denied",
      "/tools/vm_create_image/limits/0 vm_create_image: at most 10 calls in any minute for each grant",
    ]);
  });

  it("says every field", () => {
    const document = {
      version: "1",
      description: "CI runner",
      timezone: "Europe/Berlin",
      default: "hide",
      hide: ["vm_terminate", "secret_*", "*"],
      all_tools: {
        limits: [
          { counter: "all", window: 90, max: 1, scope: "organisation", key: "tool.name", on_deny: "Slow down." },
        ],
        deny_if: [{ conditions: [{ path: "time.weekday", op: "gte", value: 6 }], on_deny: "Not on weekends." }],
      },
      categories: {
        Read: {},
        Write: { rate_limit: { max: 2, window: "hour" }, reason: "Careful." },
        Destructive: { action: "deny", reason: "No destructive calls from CI." },
        Financial: { action: "require_approval", reason: "Money." },
        Execute: { action: "hide" },
        Other: { action: "allow", deny_if: [{ conditions: [] }], require: [{ conditions: [] }] },
      },
      tools: {
        "vm_*": { limits: [{ counter: "n", window: "day", max: 20, increment: 5, scope: "server" }] },
        vm_create: {
          require: [
            { conditions: [{ path: "args.type", op: "in", value: ["t3.micro", "t3.small"] }], on_deny: "Only small." },
            { conditions: [{ path: "args.files[*].path", op: "regex", value: "^/srv/" }] },
          ],
          deny_if: [
            {
              conditions: [
                { path: "args.tags[*]", op: "eq", value: "prod" },
                { path: "args.force", op: "neq", value: false },
                { path: "args.size", op: "gt", value: 9 },
                { path: "args.size", op: "lt", value: 99 },
                { path: "args.size", op: "lte", value: 98 },
                { path: "args.zone", op: "not_in", value: [] },
                { path: "args.note", op: "contains", value: "x" },
                { path: "args.role", op: "exists", value: true },
                { path: "args.id", op: "exists", value: false },
              ],
            },
          ],
          approve_if: [
            { conditions: [{ path: "args.spot", op: "eq", value: false }], message: "On-demand VM", timeout: 600 },
            { conditions: [] },
          ],
          limits: [{ counter: "spend", window: "day", max: 50, increment_from: "args.maxPrice", reset: "calendar" }],
        },
      },
    };
    expect(sentencesOf(document)).toMatchInlineSnapshot(`
      [
        "/description described as "CI runner"",
        "/timezone hours and weekdays are those of Europe/Berlin",
        "/default every tool that nothing names: hidden, and denied when called",
        "/hide/0 vm_terminate: hidden, and denied when called",
        "/hide/1 tools like secret_*: hidden, and denied when called",
        "/hide/2 every tool: hidden, and denied when called",
        "/all_tools/deny_if/0 every tool, besides its own rule: denied when the weekday (Monday is 1) is at least 6; the caller reads "Not on weekends."",
        "/all_tools/limits/0 every tool, besides its own rule: at most 1 call in any 90 seconds for the whole organisation, each value of the tool's name apart; the caller reads "Slow down."",
        "/categories/Read Read tools that \`tools\` does not name: allowed",
        "/categories/Write/reason Write tools that \`tools\` does not name: the reason given is "Careful."",
        "/categories/Write/rate_limit Write tools that \`tools\` does not name: at most 2 calls in any hour for each session, all these tools together",
        "/categories/Destructive/action Destructive tools that \`tools\` does not name: denied; the caller reads "No destructive calls from CI."",
        "/categories/Financial/action Financial tools that \`tools\` does not name: each call waits up to 5 minutes for a person, who reads "Money."",
        "/categories/Execute/action Execute tools that \`tools\` does not name: hidden, and denied when called",
        "/categories/Other/action Other tools that \`tools\` does not name: allowed within the following",
        "/categories/Other/require/0 Other tools that \`tools\` does not name: a requirement that always holds",
        "/categories/Other/deny_if/0 Other tools that \`tools\` does not name: denied always",
        "/tools/vm_*/limits/0 tools like vm_*: at most 20 in total, 5 a call, in any day for all grants of the server together, all these tools together",
        "/tools/vm_create/require/0 vm_create: only when args.type is one of "t3.micro", "t3.small"; else the caller reads "Only small."",
        "/tools/vm_create/require/1 vm_create: only when each of args.files[*].path matches the pattern "^/srv/"",
        "/tools/vm_create/deny_if/0 vm_create: denied when any of args.tags[*] is "prod" and args.force is not false and args.size is more than 9 and args.size is less than 99 and args.size is at most 98 and args.zone is none of nothing and args.note contains "x" and args.role is given and args.id is not given",
        "/tools/vm_create/limits/0 vm_create: at most 50 in total of args.maxPrice in a calendar day (UTC) for each grant",
        "/tools/vm_create/approve_if/0 vm_create: waits up to 10 minutes for a person, who reads "On-demand VM", when args.spot is false",
        "/tools/vm_create/approve_if/1 vm_create: waits up to 5 minutes for a person, for each call",
      ]
    `);
  });

  it("shortens what nobody reads to the end", () => {
    const value = Array.from({ length: 500 }, (_, nth) => "x".repeat(nth));
    const require = [{ conditions: [{ path: "args.a", op: "in", value }] }];
    const [, sentence = ""] = sentencesOf({ version: "1", default: "deny", tools: { t: { require } } });
    expect(sentence).toContain("and 488 more");
    expect(sentence.length).toBeLessThan(500);
  });

  it("never throws, whatever it is given", () => {
    const near = fc.record(
      {
        version: fc.constant("1"),
        default: fc.oneof(fc.constantFrom("allow", "deny", "hide"), fc.anything()),
        hide: fc.anything(),
        tools: fc.dictionary(fc.string(), fc.anything()),
        all_tools: fc.record({ require: fc.array(fc.record({ conditions: fc.array(fc.anything()) })) }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), near), (value) => {
        const said = explain(value as Parameters<typeof explain>[0]);
        expect(said.length).toBeGreaterThan(0);
        for (const { sentence } of said) expect(typeof sentence).toBe("string");
      }),
      { numRuns: 500 },
    );
  });
});
