// A web page that somebody visits must not be able to sign up on localhost, start a program or read anything there.
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium, expect, type Page, test } from "@playwright/test";
import { chromiumLaunch } from "./harness/chromium.ts";
import { must, signUp } from "./harness/management.ts";

const web = `http://127.0.0.1:${process.env.PORT ?? 3900}`;
const gateway = `http://127.0.0.1:${process.env.GATEWAY_PORT ?? 3901}`;
const gatewayAdmin = `http://127.0.0.1:${process.env.GATEWAY_ADMIN_PORT ?? 3902}`;

let elsewhere: Server;
let elsewhereOrigin: string;

test.beforeAll(async () => {
  elsewhere = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>a page on another port</title><p>hello</p>");
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  elsewhereOrigin = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
});

test.afterAll(() => {
  elsewhere.close();
});

/** Everything a page can try against a URL: JSON, a "simple" request in each body type, with cookies and without. */
async function tryFromPage(page: Page, url: string, body?: unknown): Promise<{ readable: boolean; status: number }[]> {
  return page.evaluate(
    async ({ url, body }) => {
      const tries: RequestInit[] = [];
      for (const credentials of ["include", "omit"] as const) {
        if (body === undefined) {
          tries.push({ credentials }, { credentials, mode: "no-cors" });
          continue;
        }
        const text = JSON.stringify(body);
        for (const type of [
          "application/json",
          "text/plain",
          "application/x-www-form-urlencoded",
          "multipart/form-data",
        ]) {
          tries.push({ method: "POST", credentials, headers: { "content-type": type }, body: text });
          tries.push({ method: "POST", credentials, mode: "no-cors", headers: { "content-type": type }, body: text });
        }
        tries.push({ method: "POST", credentials, mode: "no-cors", body: new Blob([text]) });
      }
      const results: { readable: boolean; status: number }[] = [];
      for (const init of tries) {
        try {
          const response = await fetch(url, init);
          const text = await response.text();
          results.push({ readable: response.type !== "opaque" && text.length > 0, status: response.status });
        } catch {
          results.push({ readable: false, status: 0 });
        }
      }
      return results;
    },
    { url, body },
  );
}

test("a page on another port cannot sign up, register a server or read anything", async ({ page }, testInfo) => {
  const planted = testInfo.outputPath("planted");
  const owner = await signUp(web);
  const before = await must<{ items: unknown[] }>(200, web, owner.apiKey, "GET", "/servers");

  // The visitor is signed in to the dashboard in the same browser: the cookies are there to be abused.
  await page.goto(`${web}/signin`);
  await page.getByLabel("Email").fill(owner.email);
  await page.getByLabel("Password", { exact: true }).fill(owner.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/signin"));
  expect((await page.request.get(`${web}/api/v1/me`)).status()).toBe(200);

  await page.goto(elsewhereOrigin);
  const victim = `victim-${Date.now()}@example.com`;
  const attempts = [
    ...(await tryFromPage(page, `${web}/api/v1/signup`, { email: victim, password: "correct horse battery staple" })),
    ...(await tryFromPage(page, `${web}/api/v1/servers`, {
      name: "planted",
      transport: "stdio",
      command: "touch",
      args: [planted],
    })),
    ...(await tryFromPage(page, `${web}/api/v1/api-keys`, { name: "planted" })),
    ...(await tryFromPage(page, `${web}/api/v1/me`)),
    ...(await tryFromPage(page, `${web}/api/v1/servers`)),
    ...(await tryFromPage(page, `${web}/api/auth/session`)),
    ...(await tryFromPage(page, `${web}/api/auth/csrf`)),
    ...(await tryFromPage(page, `${web}/`)),
    ...(await tryFromPage(page, `${gateway}/mcp/00000000-0000-7000-8000-000000000000`, {
      jsonrpc: "2.0",
      id: 1,
      method: "ping",
    })),
    ...(await tryFromPage(page, `${gatewayAdmin}/internal/inspect`, {
      transport: "stdio",
      command: "touch",
      args: [planted],
    })),
  ];
  expect(attempts.filter((attempt) => attempt.readable)).toEqual([]);

  // And nothing happened behind the opaque answers.
  expect(existsSync(planted)).toBe(false);
  const signIn = await fetch(`${web}/api/v1/signup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: victim, password: "correct horse battery staple" }),
  });
  expect(signIn.status, "the address is still free, so the page did not sign up").toBe(201);
  const after = await must<{ items: unknown[] }>(200, web, owner.apiKey, "GET", "/servers");
  expect(after.items).toHaveLength(before.items.length);
  const keys = await must<{ items: { name: string }[] }>(200, web, owner.apiKey, "GET", "/api-keys");
  expect(keys.items.map((key) => key.name)).not.toContain("planted");
});

test("a form on another origin cannot post to us and a frame cannot show us", async ({ page }) => {
  await page.goto(elsewhereOrigin);
  await page.setContent(
    `<form method="post" enctype="text/plain" action="${web}/api/v1/signup">
       <input name='{"email":"form@example.com","password":"correct horse battery staple","x":"' value='"}'>
       <button>send</button>
     </form><iframe src="${web}/signin" title="ours"></iframe>`,
  );
  const framed = page.frames().find((frame) => frame.url().startsWith(web));
  expect(
    (await framed
      ?.getByLabel("Email")
      .count()
      .catch(() => 0)) ?? 0,
  ).toBe(0);
  const [response] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith("/api/v1/signup")),
    page.getByRole("button").click(),
  ]);
  expect([403, 415]).toContain(response.status());
});

test("a name that was made to resolve to this machine is answered 403 everywhere", async () => {
  const browser = await chromium.launch({
    ...chromiumLaunch,
    args: [...chromiumLaunch.args, "--host-resolver-rules=MAP rebound.example.com 127.0.0.1"],
  });
  try {
    const page = await browser.newPage();
    for (const base of [web, gateway, gatewayAdmin]) {
      const rebound = base.replace("127.0.0.1", "rebound.example.com");
      for (const path of ["/", "/api/v1/openapi.json", "/api/auth/csrf", "/signup", "/healthz", "/metrics", "/mcp/x"]) {
        const response = await page.goto(rebound + path);
        expect(response?.status(), rebound + path).toBe(403);
      }
      // The page is same-origin with its rebound name, so only the Host check stands in its way.
      const status = await page.evaluate(() =>
        fetch("/api/v1/signup", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ email: "rebound@example.com", password: "correct horse battery staple" }),
        }).then((response) => response.status),
      );
      expect(status, `${rebound} signup`).toBe(403);
    }
  } finally {
    await browser.close();
  }
});
