import { describe, expect, it } from "vitest";
import { maskArguments, restoreHidden } from "./mask.ts";

const hidden = (value: unknown) => maskArguments(JSON.stringify(value)).hidden;

describe("what is hidden of arguments", () => {
  it.each([
    [{ password: "hunter2" }, ["/password"]],
    [{ Authorization: "Basic YWRhOnNlY3JldA==" }, ["/Authorization"]],
    [{ headers: { "X-Api-Key": "abc" } }, ["/headers/X-Api-Key"]],
    [{ apiKey: "k", api_key: "k", APIKEY: "k", "api key": "k" }, ["/apiKey", "/api_key", "/APIKEY", "/api key"]],
    [{ accessToken: "t", refresh_token: "t", dbPassword: "p" }, ["/accessToken", "/refresh_token", "/dbPassword"]],
    [
      { credentials: { user: "ada", parts: ["x", "y"] } },
      ["/credentials/user", "/credentials/parts/0", "/credentials/parts/1"],
    ],
    [{ pin: 1234, otp: 998877 }, ["/pin", "/otp"]],
    [
      {
        env: [
          { name: "GITHUB_TOKEN", value: "abc" },
          { name: "PATH", value: "/bin" },
        ],
      },
      ["/env/0/value"],
    ],
    [{ args: ["--user", "ada", "--password", "hunter2"] }, ["/args/3"]],
    [{ "pass\u200bword": "hunter2" }, ["/pass\u200bword"]],
    [{ ｐａｓｓｗｏｒｄ: "hunter2" }, ["/ｐａｓｓｗｏｒｄ"]],
    [{ "a/b~c": { secret: "x" } }, ["/a~1b~0c/secret"]],
  ])("is what stands under a telling name: %j", (value, pointers) => {
    expect(hidden(value)).toEqual(pointers);
  });

  it.each([
    "sk-proj-abcdefGHIJKL0123456789",
    "sk-ant-api03-abcdefGHIJKL0123456789",
    `ghp_${"a1B2".repeat(9)}`,
    "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
    "xoxb-1234567890-abcdefghij",
    "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA",
    "wJalrXUtnFEMI7K7MDENGbPxRfiCYEXAMPLEKEY",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "plg_abcdefghijklmnopqrstuvwxyz0123456789",
  ])("is what looks like a secret wherever it stands: %s", (secret) => {
    const { text, hidden } = maskArguments(JSON.stringify({ note: secret, list: [secret] }));
    expect(hidden).toEqual(["/note", "/list/0"]);
    expect(text).not.toContain(secret.slice(0, 40));
  });

  it.each([
    ["psql postgres://ada:hunter2@db.example.com/app", "hunter2"],
    ["curl -H 'Authorization: Bearer abcdefgh12345' https://example.com", "abcdefgh12345"],
    ["export API_KEY=abc123def && run", "abc123def"],
    ["deploy --password hunter22 --force", "hunter22"],
    ["https://example.com/hook?user=ada&access_token=abcd1234", "abcd1234"],
  ])("is only the secret of a longer text: %s", (text, secret) => {
    const masked = maskArguments(JSON.stringify({ command: text }));
    expect(masked.hidden).toEqual(["/command"]);
    expect(masked.text).not.toContain(secret);
    expect(masked.text).toContain(text.slice(0, 4));
  });

  it.each([
    { identifier: "vm-1", imageName: "image-2026-11-23", confirm: true },
    { max_tokens: 4096, tokenCount: 12, nextPageToken: "abc" },
    { path: "/Users/Ada/Projects/Thing2/src/components/PolicyEditor2.tsx" },
    { branch: "feature-my-long-branch-name-2026" },
    { id: "550e8400-e29b-41d4-a716-446655440000" },
    { commit: "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
    { secretary: "Ada", author: "Grace", keyboard: "us", monkey: "x" },
    { password: "", token: null, enabled: true },
    { text: "Please rotate the password of the staging database before Friday." },
  ])("is nothing of %j", (value) => {
    expect(hidden(value)).toEqual([]);
  });

  it("is shown once it is revealed, one by one or all", () => {
    const json = JSON.stringify({ password: "hunter2", token: "abc" });
    expect(maskArguments(json, new Set(["/token"]))).toEqual({
      text: '{\n  "password": "[hidden: 7 characters]",\n  "token": "abc"\n}',
      hidden: ["/password"],
    });
    expect(maskArguments(json, "all").hidden).toEqual([]);
  });
});

describe("what is shown of arguments", () => {
  it("is what the caller wrote, digit for digit, in the caller's order", () => {
    const { text } = maskArguments('{"b":1.00,"a":12345678901234567890,"__proto__":{"x":[]},"e":{}}');
    expect(text).toBe(
      '{\n  "b": 1.00,\n  "a": 12345678901234567890,\n  "__proto__": {\n    "x": []\n  },\n  "e": {}\n}',
    );
  });

  it("has characters that cannot be seen, or turn the text around, as escapes", () => {
    const { text } = maskArguments(JSON.stringify({ "to\u202e": "a\u200bb\u202ecod.exe\u{e0041}" }));
    expect(text).toBe('{\n  "to\\u202e": "a\\u200bb\\u202ecod.exe\\udb40\\udc41"\n}');
    expect(JSON.parse(text)).toEqual({ "to\u202e": "a\u200bb\u202ecod.exe\u{e0041}" });
  });

  it.each([
    ["eyJ-".repeat(250_000)],
    ["-----BEGIN PRIVATE KEY-----".repeat(40_000)],
    ["a://".repeat(250_000)],
    ["bearer ".repeat(150_000)],
    ["password=".repeat(120_000)],
    ["--token ".repeat(120_000)],
    ["a".repeat(1_000_000)],
    ["x=".repeat(500_000)],
  ])("takes no time over a text made to take long", (text) => {
    const startedAt = performance.now();
    maskArguments(JSON.stringify({ text }));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe("arguments that an approver edited", () => {
  const original = '{"amount":12345678901234567890,"token":"abc","pin":1234,"url":"https://ada:pw1@x.example/"}';
  const shown = maskArguments(original).text;

  it("get back what was hidden where its mask still stands", () => {
    const edited = shown.replace("12345678901234567890", "7");
    expect(restoreHidden(edited, original)).toEqual({
      ok: true,
      text: '{\n  "amount": 7,\n  "token": "abc",\n  "pin": 1234,\n  "url": "https://ada:pw1@x.example/"\n}',
    });
  });

  it("may have something else in the place of what was hidden", () => {
    const edited = '{"token":"other"}';
    expect(restoreHidden(edited, original)).toEqual({ ok: true, text: edited });
  });

  it("are not taken with a mask in another place, or half of one", () => {
    expect(restoreHidden('{"note":"[hidden: 3 characters]"}', original)).toEqual({ ok: false, pointers: ["/note"] });
    expect(restoreHidden('{"token":"x[hidden: 3 characters]"}', original)).toEqual({ ok: false, pointers: ["/token"] });
    expect(restoreHidden('{"list":["[hidden: a number]"]}', original)).toEqual({ ok: false, pointers: ["/list/0"] });
  });

  it("keep words of the caller's that look like a mask", () => {
    const theirs = '{"note":"[hidden: 3 characters]"}';
    expect(maskArguments(theirs).hidden).toEqual([]);
    expect(restoreHidden(theirs, theirs)).toEqual({ ok: true, text: theirs });
  });
});
