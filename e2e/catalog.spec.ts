// The public catalog as a visitor uses it: from a tool's page to a policy that limits a real client, with and without an account,
// with and without JavaScript, by keyboard alone.
import { randomUUID } from "node:crypto";
import { expect, type Page, test } from "@playwright/test";
import { draftOf, openEmptyBoard } from "./harness/board.ts";
import { signIn } from "./harness/browser.ts";
import { connectAuto, decisionOf, textOf } from "./harness/clients.ts";
import { addGrant, arrivedCalls, must, seedPolicy, signUp, tmuxClaudePath } from "./harness/management.ts";

const web = `http://127.0.0.1:${process.env.PORT ?? 3900}`;
const toolPage = "/catalog/tmux-claude/vm_create_image";

test("the policy of a tool's page is copied, pasted, published, and limits a client at its eleventh call", async ({
  page,
}, testInfo) => {
  test.setTimeout(180_000);
  const board = await openEmptyBoard(page, web, testInfo.outputPath("arrived.jsonl"));
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);

  await page.goto(toolPage);
  const panel = page.getByRole("figure", { name: "Recommended policy for vm_create_image" });
  await panel.getByRole("button", { name: "Copy" }).click();
  await expect(panel.getByText("Copied").first()).toBeVisible();

  await page.goto(`/policies/${board.policyId}`);
  const json = page.getByRole("tab", { name: "JSON" });
  if (await json.isVisible()) await json.click();
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.press("ControlOrMeta+v");
  await expect.poll(async () => JSON.parse(await draftOf(board))).toEqual(JSON.parse(seedPolicy));
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Publish" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /Publish/ })
    .click();
  await expect(page.getByText(/is live on 1 of 1 gateways in \d+ ms/).first()).toBeVisible();

  const { gatewayUrl, token } = await addGrant(web, board.apiKey, board.serverId, board.policyId);
  const client = await connectAuto(gatewayUrl, token);
  const call = (number: number) => client.call("vm_create_image", { identifier: "vm-1", imageName: `image-${number}` });
  for (let number = 1; number <= 10; number++) expect((await call(number)).isError).toBeFalsy();
  const eleventh = await call(11);
  expect(textOf(eleventh)).toMatch(/^\[POLICY DENIED\] /);
  expect(decisionOf(eleventh)).toMatchObject({ code: "rate_limited", rule: "/tools/vm_create_image/limits/0" });
  await client.close();
  expect(await arrivedCalls(board.record)).toHaveLength(10);
});

test("a visitor signs up on the way to the builder, registers the server, and finds the policy as a draft", async ({
  page,
}, testInfo) => {
  test.setTimeout(180_000);
  await page.goto(toolPage);
  await page.getByRole("link", { name: "Open in the builder" }).click();
  await expect(page).toHaveURL(/\/signup\?callbackUrl=/);
  // Whoever has an account is led to the same place by the other form, and back again.
  await page.getByRole("link", { name: "Sign in" }).last().click();
  await expect(page).toHaveURL(/\/signin\?callbackUrl=/);
  await page.getByRole("link", { name: "Create one" }).click();
  await expect(page.getByRole("heading", { name: "Create your account" })).toBeVisible();
  await page.getByLabel("Email").fill(`ada-${randomUUID()}@example.com`);
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery staple");
  await page.getByRole("button", { name: "Create account" }).click();

  await expect(page).toHaveURL(/\/open\?server=tmux-claude&tool=vm_create_image/);
  await expect(page.getByText("None of your servers yet")).toBeVisible();
  await page.getByRole("link", { name: "Register it" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("tmux-claude MCP Server");
  const record = testInfo.outputPath("arrived.jsonl");
  const line = [process.execPath, "--import", import.meta.resolve("tsx"), tmuxClaudePath, `--record=${record}`];
  await page.getByLabel("Command", { exact: true }).fill(line.map((part) => `'${part}'`).join(" "));
  await page.getByRole("button", { name: "Register server" }).click();

  // Back by itself, with the new server chosen.
  await expect(page).toHaveURL(/\/open\?server=tmux-claude&tool=vm_create_image&to=/, { timeout: 60_000 });
  await expect(page.getByRole("radio")).toBeChecked();
  await page.getByLabel("Name of the policy").fill("From the catalog");
  await page.getByRole("button", { name: "Open in the builder" }).click();
  await expect(page.getByRole("region", { name: "Limit, 1 tool" })).toContainText("vm_create_image", {
    timeout: 30_000,
  });

  // Nothing of it is enforced before somebody publishes it.
  const id = /\/policies\/([0-9a-f-]{36})/.exec(page.url())?.[1];
  const policy = await page.evaluate(async (path) => (await fetch(path)).json(), `/api/v1/policies/${id}`);
  expect(policy).toMatchObject({ name: "From the catalog", activeVersion: 1, draftDiffers: true });
  expect(JSON.parse(policy.draft)).toEqual(JSON.parse(seedPolicy));
  expect(JSON.parse(policy.document)).toMatchObject({ default: "deny" });
  expect(policy.document).not.toContain("vm_create_image");
});

test("nothing is made for what the catalog does not have, nor without a server", async ({ page }) => {
  const account = await signUp(web);
  await signIn(page, account);
  await page.goto("/open?server=no-such-server");
  await expect(page.getByRole("heading", { name: "The catalog has no such policy" })).toBeVisible();
  await page.goto("/open?server=tmux-claude");
  await expect(page.getByRole("heading", { name: "Open in the builder" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Open in the builder" })).toBeDisabled();
  const { items } = await must<{ items: unknown[] }>(200, web, account.apiKey, "GET", "/policies");
  expect(items).toEqual([]);
});

test("the search is worked by keyboard alone", async ({ page }) => {
  await openAlive(page);
  await page.keyboard.press("/");
  const field = page.getByRole("searchbox", { name: "Search servers and tools" });
  await expect(field).toBeFocused();
  await page.keyboard.type("tmux-claude");
  const first = page.getByRole("link", { name: /tmux-claude MCP Server/ }).first();
  await expect(first).toBeVisible();
  await expect(first.locator("mark").first()).toBeVisible();
  await expect(page).toHaveURL(/\?q=tmux-claude$/);
  await expect(page.getByRole("status").first()).toHaveText(/server/);

  await page.keyboard.press("ArrowDown");
  await expect(first).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(field).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(field).toHaveValue("");
  await page.keyboard.type("zzzzqqqqxxxx");
  await expect(page.getByText("Nothing found for “zzzzqqqqxxxx”")).toBeVisible();
  await page.keyboard.press("Escape");

  await page.getByRole("radio", { name: /Tools/ }).check();
  await field.fill("vm_create_image");
  await expect(page).toHaveURL(/q=vm_create_image&of=tools/);
  const found = page.locator(`a[href="${toolPage}"]`);
  await expect(found).toBeVisible();
  await field.focus();
  await page.keyboard.press("ArrowDown");
  await expect(found).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "vm_create_image" })).toBeVisible();
  // Coming back finds the search as it was left.
  await page.goBack();
  await expect(field).toHaveValue("vm_create_image");
  await expect(found).toBeVisible();
});

test("an answer that comes late changes nothing, and one that does not come is said", async ({ page }) => {
  await openAlive(page);
  await page.route("**/api/v1/catalog/search**", async (route) => {
    if (route.request().url().includes("q=slow")) await new Promise((resolve) => setTimeout(resolve, 1_500));
    if (route.request().url().includes("q=broken")) return route.abort();
    return route.continue().catch(() => undefined);
  });
  const field = page.getByRole("searchbox", { name: "Search servers and tools" });
  await field.fill("slow");
  await page.waitForRequest(/q=slow/);
  await field.fill("tmux-claude");
  await expect(page.getByRole("link", { name: /tmux-claude MCP Server/ }).first()).toBeVisible();
  await page.waitForTimeout(2_000);
  await expect(page).toHaveURL(/q=tmux-claude$/);
  await field.fill("broken");
  const alert = page.getByRole("alert").filter({ hasText: "could not be searched" });
  await expect(alert).toBeVisible();
  await page.unroute("**/api/v1/catalog/search**");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(alert).toHaveCount(0);
});

test("the next page has other servers, and the way back leads over all of them", async ({ page }) => {
  await openAlive(page);
  const first = page.locator("a[data-result]").first();
  const seen = [await first.textContent()];
  for (let number = 2; number <= 3; number++) {
    await page.getByRole("link", { name: "Next page" }).click();
    await expect(first).not.toHaveText(String(seen.at(-1)));
    seen.push(await first.textContent());
  }
  expect(new Set(seen).size).toBe(3);
  for (const text of [seen[1], seen[0]]) {
    await page.goBack();
    await expect(first).toHaveText(String(text));
  }
  // What is searched for now is found among all, and the way to everything leads there.
  await page.getByRole("searchbox", { name: "Search servers and tools" }).fill("tmux-claude");
  await expect(page.locator("a[data-result]")).toHaveCount(1);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Catalog" }).click();
  await expect(first).toHaveText(String(seen[0]));
  await expect(page.getByRole("searchbox", { name: "Search servers and tools" })).toHaveValue("");
});

test("what is typed and chosen before the page is alive counts", async ({ page }) => {
  await page.route("**/_next/static/chunks/**", async (route) => {
    if (!route.request().url().includes("hydrate-later")) await new Promise((resolve) => setTimeout(resolve, 1_500));
    await route.continue().catch(() => undefined);
  });
  await page.goto("/catalog");
  await page.keyboard.type("/tmux-claude");
  await expect(page.getByRole("searchbox", { name: "Search servers and tools" })).toHaveValue("tmux-claude");
  await expect(page).toHaveURL(/\?q=tmux-claude$/);
  await expect(page.locator("a[data-result]")).toHaveCount(1);

  await page.goto("/catalog");
  await page.locator("label", { has: page.getByRole("radio", { name: /Tools/ }) }).click();
  await page.getByRole("combobox", { name: "Category" }).selectOption("Financial");
  await expect(page).toHaveURL(/\?of=tools&category=Financial$/);
  await expect(page.getByRole("radio", { name: /Tools/ })).toBeChecked();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the catalog is searched, filtered and read", async ({ page }) => {
    await page.goto("/catalog");
    await page.getByRole("searchbox", { name: "Search servers and tools" }).fill("vm_create_image");
    await page.getByRole("radio", { name: /Tools/ }).check();
    await page.getByRole("button", { name: "Search" }).click();
    await expect(page).toHaveURL(/\/catalog\?q=vm_create_image&of=tools/);
    await page.locator(`a[href="${toolPage}"]`).first().click();

    await expect(page.getByRole("heading", { level: 1, name: "vm_create_image" })).toBeVisible();
    await page.getByText("Can I rate-limit vm_create_image?").click();
    await expect(page.getByText('"window"').last()).toBeVisible();
    await expect(page.getByLabel("Message")).toBeVisible();
    await page.getByRole("link", { name: "tmux-claude MCP Server" }).first().click();
    await expect(page.getByRole("heading", { level: 1, name: "tmux-claude MCP Server" })).toBeVisible();
    await page.getByRole("combobox", { name: "Category" }).selectOption("Destructive");
    await page.getByRole("button", { name: "Filter" }).click();
    await expect(page).toHaveURL(/category=Destructive/);
    const rows = page.getByRole("list", { name: "Tools of tmux-claude MCP Server" }).getByRole("listitem");
    expect(await rows.count()).toBeGreaterThan(0);
    for (const row of await rows.all()) await expect(row).toContainText("Destructive");
  });

  test("what is not there is a 404 that says what comes near", async ({ page }) => {
    const answer = await page.goto("/catalog/tmux-claude/vm_create_imag");
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("The catalog has no such tool");
    await page.locator(`a[href="${toolPage}"]`).click();
    await expect(page.getByRole("heading", { level: 1, name: "vm_create_image" })).toBeVisible();
  });
});

/** The catalog, once its script answers. It is loaded when somebody begins to do something. */
async function openAlive(page: Page): Promise<void> {
  await page.addInitScript(() =>
    addEventListener("policylayer:alive", () => document.body.setAttribute("data-alive", "")),
  );
  await page.goto("/catalog");
  await page.mouse.move(300, 300);
  await expect(page.locator("body[data-alive]")).toBeAttached();
}
