import { describe, expect, it } from "vitest";
import { openVet, type Vetting } from "./vet.ts";

const vetting: Vetting = {
  era: "modern",
  requestId: "1",
  tool: "read",
  dialogue: null,
  refused: () => new Set(["sampling"]),
  refuse() {},
  noteTask() {},
  isOwnTask: (taskId) => taskId === "ours",
};
const heard = (text: string) => openVet(vetting).text(text);
const asking = (requests: string, key = "inputRequests") => `{"id":1,"result":{"${key}":{"a":${requests}}}}`;

describe("what a server says in a result", () => {
  it("goes on when it asks for what may be asked", () => {
    const text = asking('{"method":"elicitation/create","params":{}}');
    expect(heard(text)).toBe(text);
    const none = '{"id":1,"result":{"inputRequests":{}}}';
    expect(heard(none)).toBe(none);
  });

  it.each([
    ["plainly", asking('{"method":"sampling/createMessage"}')],
    ["beside what may be asked", asking('{"method":"roots/list"},"b":{"method":"sampling/createMessage"}')],
    ["first of two", asking('{"method":"sampling/createMessage","method":"roots/list"}')],
    ["in other letters beside it", asking('{"Method":"sampling/createMessage","method":"roots/list"}')],
    ["under a key in other letters", asking('{"method":"sampling/createMessage"}', "InputRequests")],
    ["under a key with an escape", asking('{"method":"sampling/createMessage"}', "input\\u0052equests")],
    ["with no method", asking("{}")],
    ["as something else", asking("7")],
  ])("asks nothing that is refused: %s", (_, text) => {
    expect(heard(text)).toMatch(/"error".*not passed on/);
  });

  it("is no result for nobody", () => {
    expect(heard('{"jsonrpc":"2.0","id":null,"result":{}}')).toBeNull();
    expect(heard('{"jsonrpc":"2.0","result":{}}')).toBeNull();
    const error = '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}';
    expect(heard(error)).toBe(error);
  });

  it("names no task of others, in whatever letters", () => {
    const list = (key: string) => `{"id":1,"result":{"tasks":[{"${key}":"theirs"}]}}`;
    expect(heard(list("taskId"))).toBe('{"id":1,"result":{"tasks":[]}}');
    expect(heard(list("TaskId"))).toBeNull();
  });
});
