// The main job as a person does it, in a browser: sign up, register, policy, grant; then a real client whose eleventh call is
// refused. Screenshots of every step in both themes are kept with the test's artefacts.
import { randomUUID } from "node:crypto";
import { expect, type Page, type TestInfo, test } from "@playwright/test";
import { moveTo, signIn } from "./harness/browser.ts";
import { connectAuto, decisionOf, textOf } from "./harness/clients.ts";
import { arrivedCalls, must, seedPolicy, signUp, tmuxClaudePath } from "./harness/management.ts";

const web = `http://127.0.0.1:${process.env.PORT ?? 3900}`;

test("from sign-up to the refused eleventh call", async ({ page }, testInfo) => {
  test.setTimeout(180_000);
  const record = testInfo.outputPath("arrived.jsonl");
  const picture = pictures(page, testInfo);
  const trouble = watchForTrouble(page);

  await page.goto("/");
  await picture("01-home");
  await page.goto("/signup");
  await page.getByLabel("Email").fill(`grace-${randomUUID()}@example.com`);
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery staple");
  await picture("02-sign-up");
  await page.getByRole("button", { name: "Create account" }).click();

  // Four steps with their state, none done.
  await expect(page.getByText("0 of 4 done")).toBeVisible();
  await picture("03-onboarding");
  await page.getByRole("link", { name: "Register a server" }).first().click();
  await page.getByRole("tab", { name: "Local (stdio)" }).click();
  await page.getByLabel("Name", { exact: true }).fill("tmux-claude");
  await page.getByLabel("Command", { exact: true }).fill(tmuxClaudeLine(record));
  await picture("04-register");
  await page.getByRole("button", { name: "Register server" }).click();

  await expect(page.getByRole("heading", { name: "tmux-claude" })).toBeVisible({ timeout: 60_000 });
  const image = page.getByRole("listitem").filter({ hasText: "vm_create_image" }).first();
  await expect(image).toContainText("Execute");
  await image.getByRole("button").first().click();
  await expect(image).toContainText("Create an AMI from a VM instance");
  await picture("05-tools");

  await page.getByRole("tab", { name: /Policies/ }).click();
  await page
    .getByRole("button", { name: /policy/i })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("CI runner");
  await dialog.getByRole("radio", { name: /Paste JSON/ }).check();
  await dialog.getByLabel("Policy document (JSON)").fill(seedPolicy);
  await picture("06-new-policy");
  await dialog.getByRole("button", { name: "Create policy" }).click();

  // The board edits the same document as the JSON beside it.
  await expect(page.getByRole("region", { name: "Limit, 1 tool" })).toContainText("vm_create_image");
  await moveTo(page, "vm_list", "Allow");
  await expect(page.getByRole("region", { name: "Allow, 1 tool" })).toContainText("vm_list");
  await expect(page.locator(".cm-content")).toContainText('"vm_list"');
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await picture("07-editor");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByRole("dialog").getByLabel("Note").fill("Listing is harmless");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /Publish/ })
    .click();
  await expect(page.getByText(/Version 2 is live on 1 of 1 gateways in \d+ ms/).first()).toBeVisible();

  await page.getByRole("tab", { name: /Grants/ }).click();
  await page.getByRole("button", { name: /grant/i }).first().click();
  await page.getByRole("dialog").getByLabel("Label").fill("CI");
  await page.getByRole("dialog").getByRole("button", { name: "Create grant" }).click();
  await expect(page.getByText("This token is shown once")).toBeVisible();
  const token = await page.getByText(/^plg_[\w-]{49}$/).innerText();
  const gatewayUrl = await page
    .getByText(/^http:\/\/127\.0\.0\.1:\d+\/mcp\/[0-9a-f-]{36}$/)
    .first()
    .innerText();
  for (const client of ["Claude Code", "Claude Desktop", "Cursor", "VS Code", "Gemini CLI", "Codex"]) {
    await page.getByRole("tab", { name: client }).click();
    await expect(page.getByRole("tabpanel").filter({ hasText: gatewayUrl }).last()).toContainText(token);
  }
  await picture("08-token");
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText(token)).toHaveCount(0);

  const client = await connectAuto(gatewayUrl, token);
  for (let call = 1; call <= 10; call++) {
    expect(
      (await client.call("vm_create_image", { identifier: "vm-1", imageName: `image-${call}` })).isError,
    ).toBeFalsy();
  }
  const eleventh = await client.call("vm_create_image", { identifier: "vm-1", imageName: "image-11" });
  expect(textOf(eleventh)).toMatch(/^\[POLICY DENIED\] .* Try again in \d+ s\.$/);
  expect(decisionOf(eleventh)).toMatchObject({ code: "rate_limited", rule: "/tools/vm_create_image/limits/0" });
  expect((await client.call("vm_list")).isError).toBeFalsy();
  expect(decisionOf(await client.call("vm_terminate", { identifier: "vm-1", confirm: true })).code).toBe(
    "default_deny",
  );
  await client.close();
  expect((await arrivedCalls(record)).map((call) => call.name)).toEqual([
    ...Array(10).fill("vm_create_image"),
    "vm_list",
  ]);

  // The log shows the calls as they come, and tells the story of each.
  await page.getByRole("link", { name: "Calls" }).click();
  const refused = page.getByRole("button", { name: /vm_create_image, rate_limited/ });
  await refused.click();
  await expect(page.getByText("/tools/vm_create_image/limits/0")).toBeVisible();
  await picture("09-calls");
  await page.getByRole("link", { name: "Overview" }).click();
  await picture("10-overview");
  await page.getByRole("link", { name: "Settings" }).click();
  await picture("11-settings");

  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByText("API keys").first().waitFor();
  await picture("12-phone-settings");
  await page.goto("/calls");
  await page.getByRole("button", { name: /vm_create_image, rate_limited/ }).waitFor();
  await picture("13-phone-calls");
  expect(trouble()).toEqual([]);
});

test("a mistake in the JSON is marked at its line and cannot be published; undo brings the text back", async ({
  page,
}) => {
  const account = await signUp(web);
  const policyId = await serverWithPolicy(account.apiKey, test.info().outputPath("arrived.jsonl"));
  await signIn(page, account);
  await page.goto(`/policies/${policyId}`);
  const editor = page.locator(".cm-content");
  await expect(editor).toContainText('"default"');
  const before = await draftOf(account.apiKey, policyId);
  await editor.click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.type(', "tols": {}');
  await expect(page.getByText(/tols/).first()).toBeVisible();
  await expect(page.getByText(/unknown|did you mean|no field/i).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Publish" })).toBeDisabled();
  for (let presses = 0; presses < 20; presses++) {
    if (!(await page.getByRole("button", { name: "Undo" }).isEnabled())) break;
    await page.getByRole("button", { name: "Undo" }).click();
  }
  await expect.poll(() => draftOf(account.apiKey, policyId)).toBe(before);
});

test("a person finds their way: not signed in, unknown pages, wrong passwords", async ({ page }) => {
  await page.goto("/servers");
  await expect(page).toHaveURL(/\/signin/);
  const account = await signUp(web);
  await page.getByLabel("Email").fill(account.email);
  await page.getByLabel("Password", { exact: true }).fill("not the right password");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert").filter({ hasText: /password/i })).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  // Back where the person wanted to go.
  await expect(page).toHaveURL(/\/servers$/);
  await page.goto("/servers/00000000-0000-7000-8000-000000000000");
  await expect(page.getByText(/not found|does not exist|no such|no server/i).first()).toBeVisible();
});

function tmuxClaudeLine(record: string): string {
  return [process.execPath, "--import", import.meta.resolve("tsx"), tmuxClaudePath, `--record=${record}`]
    .map((part) => `'${part}'`)
    .join(" ");
}

async function serverWithPolicy(apiKey: string, record: string): Promise<string> {
  const server = await must<{ id: string }>(201, web, apiKey, "POST", "/servers", {
    name: "tmux-claude",
    transport: "stdio",
    command: process.execPath,
    args: ["--import", import.meta.resolve("tsx"), tmuxClaudePath, `--record=${record}`],
  });
  const { id } = await must<{ id: string }>(201, web, apiKey, "POST", `/servers/${server.id}/policies`, {
    name: "CI runner",
    document: seedPolicy,
  });
  return id;
}

async function draftOf(apiKey: string, policyId: string): Promise<string> {
  return (await must<{ draft: string }>(200, web, apiKey, "GET", `/policies/${policyId}`)).draft;
}

/** Keeps a picture of the page as it is, in light and in dark. */
function pictures(page: Page, testInfo: TestInfo) {
  return async (name: string) => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const path = testInfo.outputPath(`${name}-${colorScheme}.png`);
      await page.screenshot({ path, animations: "disabled" });
      await testInfo.attach(`${name}-${colorScheme}`, { path, contentType: "image/png" });
    }
  };
}

/** What a developer would see in the console: a page that works has nothing there. */
function watchForTrouble(page: Page): () => string[] {
  const trouble: string[] = [];
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") trouble.push(message.text());
  });
  return () => trouble;
}
