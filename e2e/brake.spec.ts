// The brake as a person pulls it in a real browser, while a real client waits for an answer.
import { randomUUID } from "node:crypto";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { signIn } from "./harness/browser.ts";
import { connectPatient, decisionOf, type PatientClient, type ToolAnswer, textOf } from "./harness/clients.ts";
import {
  type Account,
  addGrant,
  addPolicy,
  arrivedCalls,
  must,
  registerTmuxClaude,
  signUp,
} from "./harness/management.ts";

const web = `http://127.0.0.1:${process.env.PORT ?? 3900}`;

const policy = { version: "1", default: "allow", tools: { vm_terminate: { action: "require_approval" } } };

type Agent = { label: string; grantId: string; client: PatientClient };
type World = { account: Account; serverId: string; record: string; laptop: Agent; pipeline: Agent };

async function openWorld(record: string): Promise<World> {
  const account = await signUp(web);
  const { id: serverId } = await registerTmuxClaude(web, account.apiKey, record);
  const policyId = await addPolicy(web, account.apiKey, serverId, policy);
  const agent = async (label: string): Promise<Agent> => {
    const { id, gatewayUrl, token } = await addGrant(web, account.apiKey, serverId, policyId);
    await must(200, web, account.apiKey, "PATCH", `/grants/${id}`, { label });
    return { label, grantId: id, client: await connectPatient(gatewayUrl, token) };
  };
  return { account, serverId, record, laptop: await agent("laptop"), pipeline: await agent("pipeline") };
}

/** A call that waits for a person on an open request. */
async function hold({ client }: Agent): Promise<{ answer: Promise<ToolAnswer> }> {
  let answer: Promise<ToolAnswer> | undefined;
  await new Promise<void>((resolve, reject) => {
    answer = client.callWaiting("vm_terminate", { identifier: "vm-1", confirm: true }, () => resolve());
    answer.then(({ content }) => reject(new Error(`it did not wait: ${JSON.stringify(content)}`)), reject);
  });
  if (!answer) throw new Error("it was not made");
  return { answer };
}

async function expectFrozen(answer: Promise<ToolAnswer>): Promise<void> {
  const refused = await answer;
  expect(refused.isError, textOf(refused)).toBe(true);
  expect(decisionOf(refused).code).toBe("frozen");
  expect(textOf(refused)).toContain("[POLICY DENIED] Calls are frozen by the owner.");
}

const calls = async ({ client }: Agent) => (await client.call("vm_list")).isError !== true;

/** What the dialog says that a freeze takes hold of. */
async function radius(dialog: Locator): Promise<Record<string, string>> {
  const region = dialog.getByRole("region", { name: "What it takes hold of" });
  await expect(region).toHaveAttribute("aria-busy", "false");
  const [terms, values] = await Promise.all([
    region.getByRole("term").allInnerTexts(),
    region.getByRole("definition").allInnerTexts(),
  ]);
  return Object.fromEntries(terms.map((term, i) => [term, values[i] ?? ""]));
}

async function expectInForce(dialog: Locator, title: string): Promise<void> {
  await expect(dialog.getByText(title)).toBeVisible();
  await expect(dialog.getByText(/^In force on 1 of 1 gateways after \d+ ms\.$/)).toBeVisible();
  // And how long each of them took.
  await expect(dialog.getByRole("listitem")).toHaveText(/^Gateway [0-9a-f]{8}\s*\d+ ms$/);
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toHaveCount(0);
}

const banner = (page: Page) => page.getByRole("status").filter({ hasText: /frozen/i });

let world: World;
test.describe.configure({ timeout: 120_000 });
// biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a test wants from this pattern
test.beforeEach(async ({}, testInfo) => {
  world = await openWorld(testInfo.outputPath("arrived.jsonl"));
});
test.afterEach(() => Promise.all([world?.laptop.client.close(), world?.pipeline.client.close()]));

test("everything is frozen from any page, with what it takes hold of before and how long it took after, and released with a reason", async ({
  page,
}) => {
  const { account, laptop, pipeline, record } = world;
  expect(await calls(pipeline)).toBe(true);
  const held = await hold(laptop);
  await signIn(page, account);
  await page.goto("/policies");
  await page.getByRole("button", { name: "Brake…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("combobox", { name: "What" })).toHaveText(/^Everything in /);
  expect(await radius(dialog)).toMatchObject({
    Servers: "1",
    "Grants in use": "2",
    "Calls held for a person": "1",
    "Approvals waiting": "1",
  });
  await dialog.getByLabel("Reason").fill("A key has leaked");
  await dialog.getByRole("button", { name: "Freeze", exact: true }).click();
  await expectInForce(dialog, "is frozen");

  // What was held is let go as refused, and nothing passes any more.
  await expectFrozen(held.answer);
  await expectFrozen(pipeline.client.call("vm_list"));
  await expectFrozen(laptop.client.call("vm_terminate", { identifier: "vm-1", confirm: true }));
  expect((await arrivedCalls(record)).map(({ name }) => name)).toEqual(["vm_list"]);

  await expect(banner(page)).toContainText("Everything is frozen");
  await expect(banner(page)).toContainText(`by ${account.email}`);
  await expect(banner(page)).toContainText("A key has leaked");
  await banner(page).getByRole("button", { name: "Unfreeze…" }).click();
  const release = page.getByRole("alertdialog");
  await expect(release.getByRole("button", { name: "Unfreeze" })).toBeDisabled();
  await release.getByLabel("Reason").fill("The key is a new one");
  await page.keyboard.press("Enter");
  await expectInForce(release, "is no longer frozen");
  await expect(banner(page)).toHaveCount(0);
  expect(await calls(laptop)).toBe(true);
  expect(await calls(pipeline)).toBe(true);

  const { items } = await must<{ items: { action: string }[] }>(200, web, account.apiKey, "GET", "/audit");
  expect(items.slice(0, 2).map(({ action }) => action)).toEqual(["brake.unfrozen", "brake.frozen"]);
  expect(JSON.stringify(items.slice(0, 2))).toMatch(/The key is a new one.*A key has leaked/);
});

test("one grant is frozen where its call waits, and the other goes on", async ({ page }) => {
  const { account, laptop, pipeline } = world;
  const held = await hold(laptop);
  await signIn(page, account);
  await page.goto("/approvals");
  await expect(page.getByRole("heading", { level: 2, name: "vm_terminate" })).toBeVisible();
  await page.keyboard.press("o");
  await page.waitForURL(/\/approvals\/./);
  await page.getByRole("button", { name: "Freeze the grant…" }).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog).toContainText("Freeze laptop?");
  expect(await radius(dialog)).toMatchObject({ "Grants in use": "1", "Calls held for a person": "1" });
  await dialog.getByRole("button", { name: "Freeze", exact: true }).click();
  await expectInForce(dialog, "laptop is frozen");
  await expectFrozen(held.answer);
  await expectFrozen(laptop.client.call("vm_list"));
  expect(await calls(pipeline)).toBe(true);
  await expect(banner(page)).toContainText("The grant laptop is frozen.");

  await page.goto("/grants");
  await page.getByRole("button", { name: "Actions for laptop" }).click();
  await page.getByRole("menuitem", { name: /^Unfreeze/ }).click();
  const release = page.getByRole("alertdialog");
  await release.getByLabel("Reason").fill("It was ours");
  await release.getByRole("button", { name: "Unfreeze" }).click();
  await expectInForce(release, "laptop is no longer frozen");
  expect(await calls(laptop)).toBe(true);
});

test("on a phone the brake is within reach, however long the names are", async ({ page }) => {
  const { account, pipeline } = world;
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page, account);
  await page.getByRole("button", { name: "Brake", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await radius(dialog);
  const freeze = dialog.getByRole("button", { name: "Freeze", exact: true });
  await expect(freeze).toBeInViewport({ ratio: 1 });
  await expect(dialog.getByRole("combobox", { name: "What" })).toBeInViewport({ ratio: 1 });
  // What was typed stays when something else is chosen.
  await dialog.getByLabel("Reason").fill("Better safe");
  await dialog.getByRole("combobox", { name: "What" }).click();
  await page.getByRole("option", { name: /^pipeline/ }).click();
  await expect(dialog.getByLabel("Reason")).toHaveValue("Better safe");
  await freeze.click();
  await expectInForce(dialog, "pipeline is frozen");
  await expectFrozen(pipeline.client.call("vm_list"));
  await expect(banner(page).getByRole("button", { name: "Unfreeze…" })).toBeInViewport({ ratio: 1 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

test("a viewer sees what is frozen and why, and no brake anywhere", async ({ page }) => {
  const { account, laptop, serverId } = world;
  const held = await hold(laptop);
  const frozen = { scope: "server", id: serverId, frozen: true, reason: "Being looked at" };
  const { url } = await must<{ url: string }>(201, web, account.apiKey, "POST", "/invites", { role: "viewer" });
  const viewer = { email: `grace-${randomUUID()}@example.com`, password: "correct horse battery staple" };
  const token = new URL(url).pathname.split("/").at(-1);
  await must(201, web, null, "POST", "/invites/signup", { token, ...viewer });
  await signIn(page, viewer);

  const expectNoBrake = async () => {
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByText(viewer.email).first()).toBeVisible();
    await expect(page.getByRole("button", { name: /Brake|Freeze|Unfreeze/ })).toHaveCount(0);
  };
  await page.goto("/approvals");
  await expect(page.getByRole("heading", { level: 2, name: "vm_terminate" })).toBeVisible();
  await page.keyboard.press("o");
  await page.waitForURL(/\/approvals\/./);
  await expect(page.getByText("You can look at this, but not decide it")).toBeVisible();
  await expect(page.getByText("The names: identifier, confirm.")).toBeVisible();
  await expectNoBrake();

  await must(200, web, account.apiKey, "POST", "/freeze", frozen);
  await expectFrozen(held.answer);
  for (const path of ["/overview", `/servers/${serverId}`, "/grants", "/settings"]) {
    await page.goto(path);
    await expect(banner(page)).toContainText("The server tmux-claude is frozen.");
    await expect(banner(page)).toContainText("Being looked at");
    await expectNoBrake();
  }
  // Nor does asking without the button help.
  const asked = await page.evaluate(async (scope) => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ ...scope, frozen: false, reason: "please" });
    return (await fetch("/api/v1/freeze", { method: "POST", headers, body })).status;
  }, frozen);
  expect(asked).toBe(403);
});
