import { describe, expect, it } from "vitest";
import { eraOf, type MirroredHeaders } from "./era.ts";
import { scanMessage } from "./json-scan.ts";

const none: MirroredHeaders = { version: null, method: null, name: null };
const version = "io.modelcontextprotocol/protocolVersion";

function era(message: object, headers: Partial<MirroredHeaders> = {}) {
  const scan = scanMessage(Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message })));
  if (!scan.ok) throw new Error(scan.message);
  const answer = eraOf(scan.message, { ...none, ...headers });
  return answer.ok ? answer.era : { status: answer.refusal.status, code: answer.refusal.code };
}

const modern = (method: string, params: object = {}) => ({
  id: 1,
  method,
  params: { ...params, _meta: { [version]: "2026-07-28" } },
});
const call = modern("tools/call", { name: "read" });
const callHeaders = { version: "2026-07-28", method: "tools/call", name: "read" };

describe("the era of a message", () => {
  it("is told by the body", () => {
    expect(era({ id: 1, method: "initialize", params: { protocolVersion: "2025-11-25" } })).toBe("legacy");
    expect(era({ id: 1, method: "tools/call", params: { name: "read" } }, { version: "2025-11-25" })).toBe("legacy");
    expect(era({ method: "notifications/initialized" })).toBe("legacy");
    expect(era({ id: 1, result: {} })).toBe("legacy");
    expect(era(call, callHeaders)).toBe("modern");
    expect(era(modern("server/discover"), { version: "2026-07-28", method: "server/discover" })).toBe("modern");
  });

  it("is refused when the headers say something else", () => {
    const mismatch = { status: 400, code: -32020 };
    expect(era(call, { ...callHeaders, version: "2025-11-25" })).toEqual(mismatch);
    expect(era(call, { ...callHeaders, version: null })).toEqual(mismatch);
    expect(era(call, { ...callHeaders, method: "tools/list" })).toEqual(mismatch);
    expect(era(call, { ...callHeaders, method: null })).toEqual(mismatch);
    expect(era(call, { ...callHeaders, name: "write" })).toEqual(mismatch);
    expect(era(call, { ...callHeaders, name: "Read" })).toEqual(mismatch);
    expect(era(call, { ...callHeaders, name: null })).toEqual(mismatch);
    expect(era({ id: 1, method: "initialize" }, { version: "2026-07-28" })).toEqual(mismatch);
  });

  it("reads names that a header cannot hold from their base64 form, and no other way", () => {
    const named = modern("tools/call", { name: "größe" });
    const as = (name: string) => era(named, { ...callHeaders, name });
    expect(as(`=?base64?${Buffer.from("größe").toString("base64")}?=`)).toBe("modern");
    expect(as(`=?base64?${Buffer.from("größe").toString("base64url")}?=`)).toEqual({ status: 400, code: -32020 });
    expect(as(`=?base64?${Buffer.from("größe", "latin1").toString("base64")}?=`)).toEqual({
      status: 400,
      code: -32020,
    });
    expect(as("=?base64?%%%?=")).toEqual({ status: 400, code: -32020 });
  });

  it("is refused when the header is modern and the body is not, or the version is not known", () => {
    expect(era({ id: 1, method: "tools/list" }, { version: "2026-07-28" })).toEqual({ status: 400, code: -32602 });
    expect(era({ id: 1, result: {} }, { version: "2026-07-28" })).toEqual({ status: 400, code: -32602 });
    const future = { id: 1, method: "tools/list", params: { _meta: { [version]: "2027-01-01" } } };
    expect(era(future, { version: "2027-01-01", method: "tools/list" })).toEqual({ status: 400, code: -32022 });
    expect(era({ id: 1, method: "m", params: { _meta: { [version]: 5 } } })).toEqual({ status: 400, code: -32602 });
  });

  it("has a closed table of methods", () => {
    for (const method of ["tools/Call", "tools/call ", "constructor", "tools/execute", "server/discover"]) {
      expect(era({ id: 1, method })).toEqual({ status: 200, code: -32601 });
    }
    for (const method of ["initialize", "ping", "tasks/list", "sampling/createMessage", "__proto__"]) {
      expect(era(modern(method), { version: "2026-07-28", method })).toEqual({ status: 404, code: -32601 });
    }
    expect(era({ method: "notifications/unheard_of" })).toEqual({ status: 400, code: -32601 });
    expect(era({ method: "tools/call", params: { name: "read" } })).toEqual({ status: 400, code: -32601 });
  });
});
