import { afterEach, describe, expect, it, vi } from "vitest";
import { fieldError, load, loadAll, send, sentence } from "./api.ts";

function answering(...answers: (Response | Error)[]) {
  const asked: { url: string; init: RequestInit | undefined }[] = [];
  vi.stubGlobal("fetch", async (url: string, init?: RequestInit) => {
    asked.push({ url, init });
    const answer = answers.shift();
    if (!answer) throw new Error("asked too often");
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return asked;
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

describe("the dashboard's client", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("answers with the value", async () => {
    const asked = answering(json({ id: "1" }, 201));
    expect(await send("POST", "/servers", { name: "x" })).toEqual({ ok: true, value: { id: "1" } });
    expect(asked[0]?.url).toBe("/api/v1/servers");
    expect(asked[0]?.init?.body).toBe('{"name":"x"}');
  });

  it("takes an empty answer", async () => {
    answering(new Response(null, { status: 204 }));
    expect(await send("DELETE", "/servers/1")).toEqual({ ok: true, value: null });
  });

  it("reads problem+json, with what it says beyond the standard", async () => {
    answering(
      json({ type: "about:blank", title: "Draft moved on", status: 409, code: "draft_moved_on", revision: 4 }, 409),
    );
    const answer = await send("PUT", "/policies/1/draft", {});
    expect(answer).toEqual({
      ok: false,
      trouble: { code: "draft_moved_on", status: 409, detail: "Draft moved on.", errors: [], more: { revision: 4 } },
    });
  });

  it("names a failure that is not problem+json by its status", async () => {
    answering(new Response("<html>", { status: 502 }));
    const answer = await send("GET", "/servers");
    expect(answer.ok ? null : answer.trouble.code).toBe("http_502");
  });

  it("says when the server is away, and does not reject", async () => {
    answering(new TypeError("fetch failed"));
    const answer = await send("GET", "/servers");
    expect(answer.ok ? null : answer.trouble.code).toBe("offline");
  });

  it("follows the cursor to the end of a list", async () => {
    const asked = answering(json({ items: [1, 2], nextCursor: "a b" }), json({ items: [3], nextCursor: null }));
    expect(await loadAll("/grants")).toEqual([1, 2, 3]);
    expect(asked[1]?.url).toBe("/api/v1/grants?cursor=a%20b");
  });

  it("throws a trouble for react-query", async () => {
    answering(json({ type: "", title: "t", status: 404, code: "not_found", detail: "no such server" }, 404));
    await expect(load("/servers/1")).rejects.toMatchObject({
      trouble: { code: "not_found", detail: "No such server." },
    });
  });

  it("finds the message that belongs to a field, also when it is about a part of it", () => {
    const trouble = {
      code: "invalid",
      status: 422,
      detail: "",
      more: {},
      errors: [{ pointer: "/headers/X", message: "must be visible ASCII" }],
    };
    expect(fieldError(trouble, "headers")).toBe("Must be visible ASCII.");
    expect(fieldError(trouble, "name")).toBeUndefined();
  });

  it("makes sentences", () => {
    expect(sentence("must have 12 characters or more")).toBe("Must have 12 characters or more.");
    expect(sentence("Done.")).toBe("Done.");
  });
});
