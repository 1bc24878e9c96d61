import { describe, expect, it } from "vitest";
import { readSecretKeys } from "../prisma/secrets.ts";
import {
  cancelledRequestOf,
  inputRequired,
  isOurState,
  progressTokenOf,
  saysItShowsPages,
  showsPagesLegacy,
  showsPagesModern,
} from "./client-means.ts";
import type { Refusal } from "./refusals.ts";

const keys = readSecretKeys(Buffer.alloc(32, 3).toString("base64url"));

describe("what a client says of itself", () => {
  it("is its progress token, with every digit that it was written with", () => {
    expect(progressTokenOf('{"params":{"_meta":{"progressToken":9007199254740993}}}')).toBe("9007199254740993");
    expect(progressTokenOf(' {"params":{"_meta":{"progressToken":"a\\"b"}}}')).toBe('"a\\"b"');
    expect(progressTokenOf('{"params":{"arguments":{"_meta":{"progressToken":1}}}}')).toBeNull();
    expect(cancelledRequestOf('{"params":{"requestId":"r-1"}}')).toBe('"r-1"');
  });

  it("is that it shows pages: `elicitation.url`, and nothing less", () => {
    const initialize = (elicitation: string) => `{"params":{"capabilities":{"elicitation":${elicitation}}}}`;
    expect(saysItShowsPages(initialize('{"url":{}}'))).toBe(true);
    for (const other of ["{}", '{"form":{}}', '{"url":true}', '"url"', '{"URL":{}}'])
      expect(saysItShowsPages(initialize(other)), other).toBe(false);
    const inMeta = '{"params":{"_meta":{"io.modelcontextprotocol/clientCapabilities":{"elicitation":{"url":{}}}}}}';
    expect(showsPagesModern(inMeta)).toBe(true);
  });

  it("counts from the revision on that knows such pages", () => {
    const session = { grantId: "g", serverId: "s", upstreamId: null, clientName: null, initialize: null };
    const made = { ...session, tag: "t", expiresAt: 0, showsPages: true };
    expect(showsPagesLegacy({ ...made, version: "2025-11-25" })).toBe(true);
    expect(showsPagesLegacy({ ...made, version: "2025-06-18" })).toBe(false);
    expect(showsPagesLegacy(null)).toBe(false);
  });
});

describe("the state that a client repeats", () => {
  const approval = { id: "a", url: "https://policy.example/approvals/a", expiresAt: new Date(1_000_000) };
  const refusal: Refusal & { approval: typeof approval } = {
    ...{ code: "approval_required", message: "Ask.", rule: "/tools/pay/action", decisionId: "d", approval },
  };
  const state = JSON.parse(inputRequired("1", refusal, keys, "grant")).result.requestState as string;

  it("is known again for its grant only, and not for ever", () => {
    expect(isOurState(state, keys, "grant", 1_000_000)).toBe(true);
    expect(isOurState(state, keys, "other", 1_000_000)).toBe("forged");
    expect(isOurState(state.replace(/.{4}$/, "AAAA"), keys, "grant", 1_000_000)).toBe("forged");
    expect(isOurState(state, keys, "grant", 1_000_000 + 24 * 3_600_000)).toBe("forged");
  });

  it("of a server is left alone", () => {
    expect(isOurState("eyJhbGciOi", keys, "grant", 0)).toBe(false);
  });
});
