// What the public pages promise: all of them can be read without JavaScript, lead nowhere dead, and say what they are to programs.
import { expect, type Page, test } from "@playwright/test";
import { signIn } from "./harness/browser.ts";
import { signUp } from "./harness/management.ts";

const web = `http://127.0.0.1:${process.env.PORT ?? 3900}`;
const toolPage = "/catalog/tmux-claude/vm_create_image";

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("every kind of page holds its content", async ({ page }) => {
    const holds: [path: string, heading: RegExp, texts: (string | RegExp)[]][] = [
      [
        "/",
        /Your agents call tools/,
        ["Limit reached", "Denied by default", /[\d,]+ MCP servers?/, /\d+ ways in which/],
      ],
      ["/catalog", /./, [/[\d,]+ servers? and [\d,]+ tools/, "Read"]],
      ["/catalog?q=tmux", /./, ["tmux-claude"]],
      ["/catalog?q=vm_create_image", /./, ["vm_create_image"]],
      ["/catalog/tmux-claude", /tmux-claude/, ["vm_create_image", "_callerRole", '"version": "1"']],
      [toolPage, /vm_create_image/, ["High risk", '"vm_create_image_rate"', "Free to start. No card required."]],
      ["/attacks", /./, [/tool poisoning/i]],
      ["/attacks/tool-poisoning", /tool poisoning/i, ["Sources"]],
      ["/risk", /./, [/critical/i]],
      ["/risk/high", /high/i, [/Execute/]],
      ["/category/destructive", /Destructive/, [/critical/i]],
      ["/contact", /Get in touch/, ["Have a question or want to learn more? Send us a message."]],
    ];
    for (const [path, heading, texts] of holds) {
      const response = await page.goto(path);
      expect.soft(response?.status(), path).toBe(200);
      await expect.soft(page.getByRole("heading", { level: 1 }), path).toHaveCount(1);
      await expect.soft(page.getByRole("heading", { level: 1 }), path).toHaveText(heading);
      const main = page.getByRole("main");
      for (const text of texts) await expect.soft(main, path).toContainText(text);
      await expect.soft(page.getByRole("heading", { name: "Get in touch" }), path).toHaveCount(1);
      expect.soft(await page.locator("head > title").count(), path).toBe(1);
      expect
        .soft(await page.locator("head > link[rel=canonical]").getAttribute("href"), path)
        .toBe(`${web}${path.split("?")[0]}`);
    }
  });

  test("the catalog is searched by its form, from the home page too", async ({ page }) => {
    await page.goto("/");
    await page.getByRole("searchbox").fill("vm_terminate");
    await page.getByRole("button", { name: "Search" }).click();
    await expect(page).toHaveURL(/\/catalog\?.*q=vm_terminate/);
    await page
      .getByRole("main")
      .getByRole("link", { name: /vm_terminate/ })
      .first()
      .click();
    await expect(page).toHaveURL(/\/catalog\/tmux-claude\/vm_terminate/);
  });

  test("a message can be sent from the foot of a page, and what was typed is not lost to a mistake", async ({
    page,
  }) => {
    await page.goto(toolPage);
    const form = page.getByRole("form", { name: "Get in touch" });
    await form.getByLabel("Message").fill("Hello <b>there</b>");
    await form.getByLabel("Email").fill("not one");
    await form.getByRole("button", { name: "Send message" }).click();
    await expect(form.getByText("does not look like an e-mail address")).toBeVisible();
    await expect(form.getByLabel("Message")).toHaveValue("Hello <b>there</b>");
    await expect(form.getByLabel("Email")).toHaveValue("not one");
    await form.getByLabel("Email").fill("ada@example.com");
    await form.getByRole("button", { name: "Send message" }).click();
    await expect(page.getByText("Message sent.", { exact: true })).toBeVisible();
    await expect(page.getByText("We'll get back to you soon.", { exact: true })).toBeVisible();
  });

  test("a name that is in no list is a 404 that says so and leads to the list", async ({ page }) => {
    for (const [path, list] of [
      ["/risk/none", "/risk"],
      ["/category/none", "/risk"],
      ["/attacks/none", "/attacks"],
    ] as const) {
      expect.soft((await page.goto(path))?.status(), path).toBe(404);
      await expect.soft(page.getByRole("heading", { level: 1 }), path).toHaveText(/^There is no such /);
      await expect.soft(page.getByRole("main").locator(`a[href="${list}"]`), path).toBeVisible();
    }
  });

  test("the menu of a phone opens", async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto("/");
    await page.locator("summary", { hasText: "" }).first().click();
    await page.getByRole("navigation", { name: "Menu" }).getByRole("link", { name: "Attacks" }).click();
    await expect(page).toHaveURL(/\/attacks$/);
  });
});

test("a message is sent without leaving the page, also after the way there was broken", async ({ page }) => {
  await page.goto("/attacks");
  const form = page.getByRole("form", { name: "Get in touch" });
  await form.getByLabel("Name").fill("Ada");
  await form.getByLabel("Email").fill("ada@example.com");
  await form.getByRole("button", { name: "Send message" }).click();
  await expect(form.getByText("Write a message.")).toBeVisible();
  await expect(form.getByLabel("Message")).toBeFocused();

  await form.getByLabel("Message").fill("From a train");
  await page.context().setOffline(true);
  await form.getByRole("button", { name: "Send message" }).click();
  await expect(form.getByRole("alert")).toContainText("Your text is still here");
  await expect(form.getByLabel("Message")).toHaveValue("From a train");
  await page.context().setOffline(false);
  await form.getByRole("button", { name: "Send message" }).click();
  await expect(page.getByText("Message sent.", { exact: true })).toBeVisible();
  await expect(page).toHaveURL(/\/attacks$/);

  // Another page has a form of its own, and so has this one when somebody comes back.
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Risk" }).click();
  await expect(page.getByRole("form", { name: "Get in touch" }).getByLabel("Message")).toHaveValue("");
});

test("a message of another site's page, or one that is far too long, is not taken", async ({ page, request }) => {
  const fields = await fieldsOfForm(page);
  const send = (headers: Record<string, string>, more: Record<string, string> = {}) =>
    request.post(`${web}/contact`, { headers, multipart: { ...fields, ...more } });
  for (const origin of ["https://evil.example", "null", "http://127.0.0.1:5555"]) {
    expect((await send({ origin, "sec-fetch-site": "cross-site" })).status(), origin).toBe(403);
  }
  expect((await send({ "sec-fetch-site": "cross-site" })).status()).toBe(403);
  expect((await send({ "sec-fetch-site": "same-site", origin: web })).status()).toBe(403);
  const long = await send({ origin: web, "sec-fetch-site": "same-origin" }, { message: "x".repeat(300_000) });
  expect(long.status()).toBe(413);
  // And the very same from our own page is.
  const own = await send({ origin: web, "sec-fetch-site": "same-origin" });
  expect(own.status()).toBe(200);
  expect(await own.text()).toContain("Message sent.");
});

test("somebody who is signed in finds the dashboard, in a page that no shared cache keeps", async ({
  page,
  request,
}) => {
  expect((await request.get("/catalog")).headers()["cache-control"]).toContain("s-maxage");
  await signIn(page, await signUp(web));
  const response = await page.goto("/catalog");
  expect(response?.headers()["cache-control"]).toBe("private, no-cache");
  await page.getByRole("banner").getByRole("link", { name: "Dashboard" }).click();
  await expect(page).toHaveURL(/\/overview$/);
});

test("the sitemap's addresses answer, and robots.txt leads to it", async ({ request }) => {
  const robots = await (await request.get("/robots.txt")).text();
  expect(robots).toContain(`Sitemap: ${web}/sitemap.xml`);
  const files = locations(await (await request.get("/sitemap.xml")).text());
  expect(files.length).toBeGreaterThan(1);
  const addresses = (
    await Promise.all(files.map(async (file) => locations(await (await request.get(file)).text())))
  ).flat();
  expect(new Set(addresses).size).toBe(addresses.length);
  expect(addresses).toEqual(expect.arrayContaining([`${web}/`, `${web}${toolPage}`, `${web}/attacks/tool-poisoning`]));
  const forbidden = [...robots.matchAll(/^Disallow: (.+)$/gm)].map(([, path]) => `${web}${path}`);
  expect(addresses.filter((address) => forbidden.some((start) => address.startsWith(start)))).toEqual([]);
  const step = Math.max(1, Math.floor(addresses.length / 40));
  for (const address of addresses.filter((_, index) => index % step === 0)) {
    expect.soft((await request.get(address)).status(), address).toBe(200);
  }
  const llms = await (await request.get("/llms.txt")).text();
  expect(llms).toContain(`${web}/api/mcp`);
  for (const [, address = ""] of llms.matchAll(/\]\((http[^)]+)\)/g)) {
    expect.soft((await request.get(address)).status(), address).toBe(200);
  }
});

test("every link from page to page answers", async ({ request }) => {
  test.setTimeout(240_000);
  const pagesMax = 60;
  const asked = new Set<string>();
  const waiting = ["/", "/catalog", toolPage, "/catalog/tmux-claude", "/attacks", "/risk"];
  while (waiting.length > 0 && asked.size < pagesMax) {
    const path = waiting.shift() ?? "";
    if (asked.has(path)) continue;
    asked.add(path);
    const response = await request.get(path, { maxRedirects: 5 });
    expect.soft(response.status(), path).toBe(200);
    if (!/text\/html/.test(response.headers()["content-type"] ?? "")) continue;
    const html = await response.text();
    const links = [...html.matchAll(/<a [^>]*href="(\/[^"#]*)/g)].map(([, href = ""]) => href.replaceAll("&amp;", "&"));
    // Of each kind of page some, not all tools of the catalog.
    for (const link of new Set(links)) if (!asked.has(link) && countOfKind(waiting, link) < 8) waiting.push(link);
  }
  expect(asked.size).toBeGreaterThan(20);
});

test("what a page says of itself to programs can be read by them, and its picture is one", async ({
  page,
  request,
}) => {
  const kinds: [path: string, types: string[]][] = [
    ["/", ["Organization", "WebSite"]],
    ["/catalog", []],
    ["/catalog/tmux-claude", ["BreadcrumbList", "SoftwareApplication"]],
    [toolPage, ["BreadcrumbList", "FAQPage"]],
    ["/attacks/tool-poisoning", ["BreadcrumbList", "TechArticle"]],
    ["/risk/high", ["BreadcrumbList"]],
    ["/contact", ["ContactPage"]],
  ];
  for (const [path, types] of kinds) {
    await page.goto(path);
    const texts = await page.locator('script[type="application/ld+json"]').allTextContents();
    const found = texts.map((text) => JSON.parse(text) as { "@context": string; "@type": string });
    for (const each of found) expect.soft(each["@context"], path).toBe("https://schema.org");
    expect
      .soft(
        found.map((each) => each["@type"]),
        path,
      )
      .toEqual(expect.arrayContaining(types));
    const meta = (name: string) =>
      page.locator(`meta[property="${name}"], meta[name="${name}"]`).getAttribute("content");
    expect.soft((await meta("description"))?.length, path).toBeGreaterThan(50);
    expect.soft(await meta("og:url"), path).toBe(`${web}${path}`);
    const png = await request.get((await meta("og:image")) ?? "");
    expect.soft(png.headers()["content-type"], path).toBe("image/png");
    const bytes = await png.body();
    expect.soft([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], path).toEqual([1200, 630]);
  }
  // What is asked in the data is asked on the page.
  await page.goto(toolPage);
  const faq = (await page.locator('script[type="application/ld+json"]').allTextContents())
    .map((text) => JSON.parse(text))
    .find((each) => each["@type"] === "FAQPage");
  for (const { name } of faq.mainEntity) await expect(page.getByRole("main")).toContainText(name);
  expect((await request.get("/og/catalog/no-such-server")).status()).toBe(404);
});

test("an address that is nobody's is a 404 with a way on", async ({ page }) => {
  for (const path of ["/catalog/no-such-server", "/catalog/tmux-claude/no_such_tool", "/attacks/none", "/risk/none"]) {
    expect.soft((await page.goto(path))?.status(), path).toBe(404);
    await expect.soft(page.getByRole("heading", { level: 1 }), path).toBeVisible();
    await expect.soft(page.locator('meta[name="robots"]').first(), path).toHaveAttribute("content", /noindex/);
  }
});

test("an address that cannot be read is the fault of whoever asks", async ({ request }) => {
  for (const path of ["/catalog/tmux-claude/%ff", "/og/%e0%a4", "/api/v1/%"]) {
    expect.soft((await request.get(path)).status(), path).toBe(400);
  }
});

/** What the form of the contact page posts when it is filled in as it should be. */
async function fieldsOfForm(page: Page): Promise<Record<string, string>> {
  const context = await page.context().browser()?.newContext({ javaScriptEnabled: false, baseURL: web });
  if (!context) throw new Error("there is no browser");
  const plain = await context.newPage();
  await plain.goto("/contact");
  const hidden = plain.locator("form[aria-label='Get in touch'] input[type=hidden]");
  const pairs: [string, string][] = [];
  for (const input of await hidden.all()) {
    pairs.push([(await input.getAttribute("name")) ?? "", (await input.getAttribute("value")) ?? ""]);
  }
  await context.close();
  return { ...Object.fromEntries(pairs), name: "Ada", email: "ada@example.com", message: "Hello", homepage: "" };
}

function locations(xml: string): string[] {
  return [...xml.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address = ""]) =>
    address.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))),
  );
}

/** How many of these are as deep under the same first step. */
function countOfKind(paths: string[], path: string): number {
  const kind = (of: string) => `${of.split(/[/?]/)[1]} ${of.split("/").length} ${of.includes("?")}`;
  return paths.filter((other) => kind(other) === kind(path)).length;
}

test("a page that is only read runs no React, and comes alive with the first thing that somebody does", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const alive = () => page.evaluate(() => Reflect.get(globalThis, "aliveAt") !== undefined);
  await page.addInitScript(() =>
    addEventListener("policylayer:alive", () => Reflect.set(globalThis, "aliveAt", performance.now())),
  );
  await page.goto(toolPage, { waitUntil: "networkidle" });
  expect(await alive()).toBe(false);

  // A click as assistive technology makes it, without a pointer before it: it is the first thing that happens, and counts.
  await page.getByRole("button", { name: "Copy" }).first().dispatchEvent("click");
  await expect.poll(alive).toBe(true);
  await expect(page.getByText("Copied").first()).toBeVisible();

  await page.goto("/catalog", { waitUntil: "networkidle" });
  expect(await alive()).toBe(false);
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox", { name: "Search servers and tools" })).toBeFocused();

  await page.goto(toolPage, { waitUntil: "networkidle" });
  await page.emulateMedia({ colorScheme: "dark" });
  await expect(page.locator("html.dark")).toBeAttached();
});
