import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readSecretKeys } from "../prisma/secrets.ts";
import { openSessions } from "./session.ts";

const key = () => randomBytes(32).toString("base64url");
const [first, second] = [key(), key()];
const made = {
  grantId: "g1",
  serverId: "s1",
  version: "2025-11-25",
  upstreamId: "secret-of-upstream",
  clientName: "c",
  initialize: null,
};

describe("a session id", () => {
  it("opens for the grant and server it was made for, and for no other", () => {
    const sessions = openSessions(readSecretKeys(first), () => 0);
    const { id } = sessions.mint(made);
    expect(sessions.open(id, "g1", "s1")).toMatchObject(made);
    expect(sessions.open(id, "g2", "s1")).toBeNull();
    expect(sessions.open(id, "g1", "s2")).toBeNull();
  });

  it("survives a restart and a new key, as long as the old one is kept", () => {
    const { id } = openSessions(readSecretKeys(first), () => 0).mint(made);
    expect(openSessions(readSecretKeys(first), () => 0).open(id, "g1", "s1")).toMatchObject(made);
    expect(openSessions(readSecretKeys(`${second},${first}`), () => 0).open(id, "g1", "s1")).toMatchObject(made);
    expect(openSessions(readSecretKeys(second), () => 0).open(id, "g1", "s1")).toBeNull();
  });

  it("tells nothing of the upstream and can be a header value", () => {
    const { id } = openSessions(readSecretKeys(first), () => 0).mint(made);
    expect(id).toMatch(/^[\x21-\x7e]+$/);
    expect(Buffer.from(id.split(".")[1] ?? "", "base64url").toString("latin1")).not.toContain("secret-of-upstream");
  });

  it("is dead when a bit of it is changed, when it is made up, and when its time is over", () => {
    let now = 0;
    const sessions = openSessions(readSecretKeys(first), () => now);
    const { id } = sessions.mint(made);
    for (let i = 0; i < id.length; i += 7) {
      const other = id[i] === "A" ? "B" : "A";
      const changed = id.slice(0, i) + other + id.slice(i + 1);
      expect(sessions.open(changed, "g1", "s1")).toBeNull();
    }
    for (const text of ["", ".", "x", "a.b", id.slice(0, -4), `${id}AAAA`, "secret-of-upstream"]) {
      expect(sessions.open(text, "g1", "s1")).toBeNull();
    }
    now = 31 * 24 * 60 * 60 * 1_000;
    expect(sessions.open(id, "g1", "s1")).toBeNull();
  });
});

describe("an event id", () => {
  const sessions = openSessions(readSecretKeys(first), () => 0);

  it("brings back the upstream's own and the request that its stream answers, after a restart too", () => {
    for (const [eventId, requestId] of [
      ["17", null],
      ["a.b_1", '"é.1"'],
      ["", "3"],
    ] as const) {
      const sealed = sessions.sealEventId("tag", eventId, requestId);
      expect(sealed).toMatch(/^[!-~]+$/);
      const later = openSessions(readSecretKeys(`${second},${first}`), () => 0);
      expect(later.openEventId("tag", sealed)).toEqual({ eventId, requestId });
    }
  });

  it("says nothing in another session, and cannot be made up", () => {
    const sealed = sessions.sealEventId("tag", "17", "1");
    const [mac] = sealed.split(".");
    expect(sessions.openEventId("gat", sealed)).toBeNull();
    for (const forged of [
      `${mac}.MQ.18`,
      `${mac}.Mg.17`,
      `${mac}..17`,
      sealed.slice(1),
      "",
      "17",
      `.MQ.17`,
      `é${sealed}`,
    ]) {
      expect(sessions.openEventId("tag", forged)).toBeNull();
    }
  });
});
