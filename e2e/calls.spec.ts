// The call log: calls of a real client appear while somebody looks, filters are in the address, a call tells its story, and a rule
// that is written from it stands in the draft.
import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import { signIn } from "./harness/browser.ts";
import { connectAuto } from "./harness/clients.ts";
import { type Account, addGrant, addPolicy, must, registerTmuxClaude, signUp } from "./harness/management.ts";

const web = `http://127.0.0.1:${process.env.PORT ?? 3900}`;
const document = {
  version: "1",
  default: "deny",
  tools: {
    vm_list: {},
    vm_create: {
      deny_if: [
        {
          conditions: [{ path: "args.instanceType", op: "eq", value: "m5.xlarge" }],
          on_deny: "That one is too large.",
        },
      ],
    },
  },
};

async function open(page: Page, record: string) {
  const account: Account = await signUp(web);
  const server = await registerTmuxClaude(web, account.apiKey, record);
  const policyId = await addPolicy(web, account.apiKey, server.id, document);
  const { token } = await addGrant(web, account.apiKey, server.id, policyId);
  await signIn(page, account);
  return { account, server, policyId, client: await connectAuto(server.gatewayUrl, token) };
}

test("calls appear while somebody looks, can be held still, and are found again by their filters", async ({
  page,
}, testInfo) => {
  test.setTimeout(180_000);
  const { client } = await open(page, testInfo.outputPath("arrived.jsonl"));
  await page.goto("/calls");
  await expect(page.getByText("No calls on record yet")).toBeVisible();
  await expect(page.getByText("Live", { exact: true })).toBeVisible();

  await client.call("vm_list");
  const rows = page.getByRole("list", { name: "Calls" }).getByRole("listitem");
  await expect(page.getByRole("button", { name: /vm_list, allowed/ })).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText("Paused")).toBeVisible();
  await client.call("vm_create", { name: "a", instanceType: "m5.xlarge" });
  await page.waitForTimeout(1_500);
  await expect(rows).toHaveCount(1);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("button", { name: /vm_create, denied/ })).toBeVisible();

  // Filters are in the address, so they survive a reload and can be sent to somebody.
  await page.getByRole("button", { name: "More" }).click();
  await page.getByLabel("Words in the message").fill("too large");
  await expect(page).toHaveURL(/q=too/);
  await expect(rows).toHaveCount(1);
  await page.reload();
  await expect(page.getByLabel("Words in the message")).toHaveValue("too large");
  await expect(page.getByRole("button", { name: /vm_create, denied/ })).toBeVisible();
  await expect(rows).toHaveCount(1);

  // Kept under a name, for later.
  await page.getByRole("button", { name: "Views" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Save the filters of now as").fill("Too large");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await expect(dialog.getByRole("list", { name: "Saved views" })).toContainText("Too large");
  await page.keyboard.press("Escape");
  await page.goto("/calls");
  await expect(rows).toHaveCount(2);
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Too large", exact: true }).click();
  await expect(rows).toHaveCount(1);

  // And as a file.
  await page.getByRole("button", { name: "Export" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: /CSV/ }).click();
  const csv = await readFile(await (await download).path(), "utf8");
  expect(csv.trimEnd().split("\r\n")).toHaveLength(2);
  expect(csv).toContain("That one is too large.");
  await page.screenshot({ path: testInfo.outputPath("log.png"), fullPage: true });

  await page.goto("/calls?tab=figures");
  await expect(page.getByText(/2 calls · 1 refused/)).toBeVisible();
  await page.getByText("As a table").first().click();
  await expect(page.getByRole("table", { name: "Calls over time" })).toBeVisible();
  await page.screenshot({ path: testInfo.outputPath("figures.png"), fullPage: true });
  await page.getByRole("link", { name: "/tools/vm_create/deny_if/0" }).click();
  await expect(page.getByRole("button", { name: /vm_create, denied/ })).toBeVisible();
  await client.close();
});

test("a call tells its story, becomes a test of the policy, and a rule is written from it", async ({
  page,
}, testInfo) => {
  test.setTimeout(180_000);
  const { client, account, policyId } = await open(page, testInfo.outputPath("arrived.jsonl"));
  await client.call("vm_create", { name: "a", instanceType: "m5.xlarge" });
  await client.call("vm_list");
  await client.close();

  await page.goto("/calls");
  await page.getByRole("button", { name: /vm_create, denied/ }).click();
  await page.getByRole("link", { name: "The whole story" }).click();
  await expect(page.getByRole("heading", { name: "Why it was not allowed" })).toBeVisible();
  await expect(page.getByText("That one is too large.").first()).toBeVisible();
  await expect(page.locator("mark")).toContainText('"m5.xlarge"');
  await expect(page.getByRole("region", { name: "Step by step" })).toContainText("Denied when");
  await page.screenshot({ path: testInfo.outputPath("story.png"), fullPage: true });

  await page.getByRole("button", { name: "Make this a policy test" }).click();
  await expect(page.getByRole("dialog")).toContainText('"instanceType": "m5.xlarge"');
  await expect(page.getByRole("dialog")).toContainText('"rule": "/tools/vm_create/deny_if/0"');
  await page.screenshot({ path: testInfo.outputPath("test.png") });
  await page.keyboard.press("Escape");

  // A condition carries what is on record of the call, and says what is not.
  await page.getByRole("button", { name: "Write a rule from this" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: /under a condition/ }).check();
  await expect(dialog.getByRole("checkbox", { name: 'args.instanceType = "m5.xlarge"' })).toBeChecked();
  await expect(dialog.getByText("Not on record, so not in the rule: name")).toBeVisible();
  const changes = page.getByRole("region", { name: "What changes in the draft" });
  await expect(changes).toContainText('"op": "eq"');
  await dialog.getByRole("checkbox").uncheck();
  await expect(dialog.getByText("choose at least one argument")).toBeVisible();
  await dialog.getByRole("radio", { name: /Ask a person/ }).check();
  await expect(changes).toContainText("require_approval");
  await page.screenshot({ path: testInfo.outputPath("rule.png") });
  await page.getByRole("button", { name: "Put it into the draft" }).click();
  await expect(page).toHaveURL(new RegExp(`/policies/${policyId}\\?try=vm_create`));
  const { draft, document: live } = await must<{ draft: string; document: string }>(
    200,
    web,
    account.apiKey,
    "GET",
    `/policies/${policyId}`,
  );
  expect(JSON.parse(draft).tools.vm_create.action).toBe("require_approval");
  expect(JSON.parse(live).tools.vm_create.action).toBeUndefined();

  // There the call is tried again, with what is known of it.
  await expect(page.getByText(/^The call of/)).toBeVisible();
  await expect(page.getByText("Not on record, so not as it was: name")).toBeVisible();
  await expect(page.locator('input[value="m5.xlarge"]').first()).toBeVisible();

  // On a phone, and in the dark.
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto("/calls");
  await page.getByRole("button", { name: /vm_create, denied/ }).click();
  await page.screenshot({ path: testInfo.outputPath("phone-log.png"), fullPage: true });
  await page.getByRole("link", { name: "The whole story" }).click();
  await expect(page.locator("mark")).toBeVisible();
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
  await page.screenshot({ path: testInfo.outputPath("phone-story.png"), fullPage: true });
  await page.goto("/calls?tab=figures");
  await expect(page.getByText(/2 calls · 1 refused/)).toBeVisible();
  await page.screenshot({ path: testInfo.outputPath("phone-figures.png"), fullPage: true });
});
