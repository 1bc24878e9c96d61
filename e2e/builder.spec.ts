// A policy from its beginning to what is enforced, as a person makes it: a starting point, edits on the board and in the JSON,
// the proof before publishing, a version in shadow, promotion. And two authors of one draft.
import { expect, type Page, test } from "@playwright/test";
import { moveTo, signIn } from "./harness/browser.ts";
import { connectAuto, decisionOf } from "./harness/clients.ts";
import {
  type Account,
  addGrant,
  addPolicy,
  must,
  type RegisteredServer,
  registerTmuxClaude,
  seedPolicy,
  signUp,
} from "./harness/management.ts";

const web = `http://127.0.0.1:${process.env.PORT ?? 3900}`;
const image = { identifier: "vm-1", imageName: "image" };

test.use({ viewport: { width: 1600, height: 1000 } });

test("from a starting point over proof and shadow to what is enforced", async ({ page }) => {
  test.setTimeout(240_000);
  const { account, server } = await newServer();
  await signIn(page, account);
  await page.goto("/policies");
  await page.getByRole("button", { name: "New policy" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("Built");
  // What the server's tools are is known before anything is chosen.
  await expect(dialog.getByLabel("Preview")).toContainText("of 26 callable");
  await dialog.getByRole("radio", { name: "Read only" }).check();
  await expect(dialog.getByLabel("In words")).toContainText("Read tools");
  await dialog.getByRole("button", { name: "Create policy" }).click();
  await page.waitForURL(/\/policies\/[0-9a-f-]{36}/);
  const policyId = page.url().split("/").at(-1) ?? "";

  // Traffic on the first version, from a real client.
  const grant = await addGrant(web, account.apiKey, server.id, policyId);
  const client = await connectAuto(grant.gatewayUrl, grant.token);
  await client.call("vm_list");
  for (let call = 0; call < 12; call++) {
    expect(decisionOf(await client.call("vm_create_image", image)).code).toBe("default_deny");
  }
  await expect.poll(() => callsOnRecord(account, server)).toBe(13);

  // One change on the board, one in the JSON with its completion; both views show both.
  const json = page.locator(".cm-content");
  await expect(json).toContainText('"categories"');
  await moveTo(page, "vm_create_image", "Limit");
  await expect(json).toContainText('"vm_create_image"');
  await json.locator(".cm-line", { hasText: '"default"' }).click();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.keyboard.type('"hi');
  await page.getByRole("option", { name: /^hide/ }).waitFor();
  // A list that has just opened does not take the key that was meant for the text.
  await page.waitForTimeout(150);
  await page.keyboard.press("Enter");
  await page.keyboard.type('"vm_te');
  await page.getByRole("option", { name: /^vm_terminate/ }).waitFor();
  await page.waitForTimeout(150);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Hide, 1 tool" })).toBeAttached();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();

  // From real traffic, and back in one step.
  const before = await json.innerText();
  await page.getByRole("button", { name: "Start over from…" }).click();
  await dialog.getByRole("radio", { name: "Real traffic" }).check();
  await expect(dialog.getByRole("row", { name: /vm_create_image/ })).toContainText("12");
  await dialog.getByRole("button", { name: "Replace the draft" }).click();
  await expect(json).not.toContainText('"hide"');
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => json.innerText()).toBe(before);

  // The proof: sentences, and the calls on record decided by the draft.
  await page.getByRole("button", { name: "Publish" }).click();
  await expect(dialog.getByRole("list", { name: "Changes" })).toContainText(
    "vm_create_image: was denied, now at most 10 a minute",
  );
  await expect(dialog.getByText("Would change 12 of 13 calls: 10 newly allowed")).toBeVisible();
  const changed = dialog.getByRole("list", { name: "Calls that would change" });
  await expect(changed.getByRole("listitem")).toHaveCount(12);
  const opened = page.waitForEvent("popup");
  await changed.getByRole("link").first().click();
  const call = await opened;
  await expect(call.getByText("/default", { exact: true })).toBeVisible();
  await call.close();
  await dialog.getByLabel("Note").fill("Images, ten a minute");
  await dialog.getByRole("button", { name: "Run in shadow first" }).click();
  await expect(page.getByText(/Version 2 runs in shadow on 1 of 1 gateways/)).toBeVisible();

  // Enforced is still the first version; the second answers on record only.
  expect(decisionOf(await client.call("vm_create_image", image)).code).toBe("default_deny");
  const shadow = page.getByRole("region", { name: "Version 2 in shadow" });
  await expect(shadow.getByText("1 call: 1 newly allowed")).toBeVisible({ timeout: 20_000 });
  await expect(shadow.getByLabel("By rule")).toContainText("vm_create_image");
  await shadow.getByRole("button", { name: "Promote" }).click();
  await expect(page.getByText(/Version 2 is live on 1 of 1 gateways in \d+ ms/)).toBeVisible();
  expect((await client.call("vm_create_image", image)).isError).toBeFalsy();
  await client.close();

  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByRole("button", { name: "Version 2" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "Images, ten a minute" })).toContainText("Live");
  await expect(page.getByLabel("Text of version 2, compared")).toContainText('"vm_create_image"');
});

test("two pages that change different tools are merged, and nothing is lost", async ({ page, context, browser }) => {
  test.setTimeout(120_000);
  const { account, policyId } = await newPolicy();
  await signIn(page, account);
  const other = await context.newPage();
  const stranger = await (await browser.newContext()).newPage();
  await signIn(stranger, account);
  for (const each of [page, other, stranger]) {
    await each.goto(`/policies/${policyId}`);
    await expect(each.locator(".cm-content")).toContainText('"default"');
  }
  // The other tab is told, the other person's browser asks; neither has to save first.
  await moveTo(page, "vm_list", "Allow");
  await expect(other.locator(".cm-content")).toContainText('"vm_list"');
  await expect(other.getByText("Updated with changes made elsewhere.")).toBeVisible();
  await stranger.bringToFront();
  await expect(stranger.locator(".cm-content")).toContainText('"vm_list"', { timeout: 15_000 });

  // Both change at once: the saves of the first are held back until the second has saved.
  const release = await holdSaves(page);
  await page.bringToFront();
  await moveTo(page, "vm_status", "Allow");
  await moveTo(other, "vm_ssh", "Hide");
  await expect.poll(() => draftOf(account, policyId)).toContain("vm_ssh");
  release();
  await expect(page.getByText("Merged with changes made elsewhere.")).toBeVisible();
  await expect
    .poll(async () => JSON.parse(await draftOf(account, policyId)))
    .toMatchObject({ hide: ["vm_ssh"], tools: { vm_list: {}, vm_status: {} } });
  await page.getByRole("button", { name: "Back to mine" }).click();
  await expect(page.locator(".cm-content")).not.toContainText('"vm_ssh"');
  await expect(page.locator(".cm-content")).toContainText('"vm_status"');
});

test("two pages that change the same tool: the author chooses, and undo has the other one", async ({
  page,
  context,
}) => {
  const { account, policyId } = await newPolicy();
  await signIn(page, account);
  const other = await context.newPage();
  for (const each of [page, other]) {
    await each.goto(`/policies/${policyId}`);
    await expect(each.locator(".cm-content")).toContainText('"default"');
  }
  const release = await holdSaves(page);
  await page.bringToFront();
  await moveTo(page, "vm_create_image", "Deny");
  await moveTo(other, "vm_create_image", "Ask a person");
  await expect.poll(() => draftOf(account, policyId)).toContain("require_approval");
  release();
  const offer = page.getByRole("alert").filter({ hasText: "in the same place" });
  await expect(offer.getByRole("list", { name: "Changes" })).toContainText("vm_create_image");
  await offer.getByRole("button", { name: "Keep mine" }).click();
  await expect.poll(() => draftOf(account, policyId)).toContain('"action": "deny"');
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => draftOf(account, policyId)).toContain("require_approval");
});

async function newServer(): Promise<{ account: Account; server: RegisteredServer }> {
  const account = await signUp(web);
  const server = await registerTmuxClaude(web, account.apiKey, test.info().outputPath("arrived.jsonl"));
  return { account, server };
}

async function newPolicy(): Promise<{ account: Account; policyId: string }> {
  const { account, server } = await newServer();
  return { account, policyId: await addPolicy(web, account.apiKey, server.id, seedPolicy) };
}

/** Saves of this page wait until they are released. */
async function holdSaves(page: Page): Promise<() => void> {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(
    (url) => url.pathname.endsWith("/draft"),
    async (route) => {
      await held;
      await route.continue();
    },
  );
  return release;
}

async function callsOnRecord(account: Account, server: RegisteredServer): Promise<number> {
  const path = `/calls?serverId=${server.id}&limit=200`;
  const { items } = await must<{ items: { method: string }[] }>(200, web, account.apiKey, "GET", path);
  return items.filter(({ method }) => method === "tools/call").length;
}

async function draftOf(account: Account, policyId: string): Promise<string> {
  return (await must<{ draft: string }>(200, web, account.apiKey, "GET", `/policies/${policyId}`)).draft;
}
