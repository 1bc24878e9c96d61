// What the simulator says is what a real client then reads through the gateway; and a block that is edited at its chip is one
// step, of which undo leaves no trace.
import { expect, type Page, test } from "@playwright/test";
import { signIn } from "./harness/browser.ts";
import { connectAuto, decisionOf, textOf } from "./harness/clients.ts";
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
const document = {
  version: "1",
  default: "deny",
  tools: {
    vm_create_image: { limits: [{ counter: "images", window: "minute", max: 10, scope: "grant" }] },
    vm_create: {
      require: [{ conditions: [{ path: "args.instanceType", op: "in", value: ["t3.micro", "t3.small"] }] }],
      deny_if: [
        {
          conditions: [{ path: "args._callerRole", op: "exists", value: true }],
          on_deny: "A caller may not name its own role.",
        },
      ],
    },
  },
};

test.use({ viewport: { width: 1600, height: 1000 } });

test("the simulator shows the words that a real client then reads", async ({ page }, testInfo) => {
  test.setTimeout(120_000);
  const record = testInfo.outputPath("arrived.jsonl");
  const { account, serverId, policyId } = await openPolicy(page, record);
  await page.getByRole("tab", { name: "Try it" }).click();
  const panel = page.getByRole("tabpanel", { name: "Try it" });
  const agentText = panel.getByTestId("agent-text");

  // A form that the tool's schema makes: what is required, and the rest when it is asked for.
  await pickTool(page, "vm_create");
  await panel.getByRole("textbox", { name: "name", exact: true }).fill("build-1");
  await addArgument(page, "instanceType");
  await expect(panel.getByRole("textbox", { name: "instanceType" })).toHaveValue("m5.xlarge");
  await expect(panel.getByRole("status").first()).toContainText("requirement_failed");
  const refusedSize = await agentText.innerText();
  await panel.getByRole("textbox", { name: "instanceType" }).fill("t3.micro");
  await expect(panel.getByRole("status").first()).toContainText("allowed");
  await addArgument(page, "_callerRole");
  await expect(agentText).toHaveText("[POLICY DENIED] A caller may not name its own role.");

  // The same values as JSON, and back.
  await panel.getByRole("button", { name: "JSON", exact: true }).click();
  const text = panel.getByLabel("Arguments as JSON");
  expect(JSON.parse(await text.inputValue())).toEqual({ name: "build-1", instanceType: "t3.micro", _callerRole: "" });
  await text.fill('{ "name": "build-1", "instanceType": "m5.xlarge" ');
  await expect(panel.getByRole("alert")).toContainText("closing bracket");
  await text.fill('{ "name": "build-1", "instanceType": "m5.xlarge" }');
  await panel.getByRole("button", { name: "Form", exact: true }).click();
  await expect(panel.getByRole("textbox", { name: "instanceType" })).toHaveValue("m5.xlarge");

  // The rule leads to its place.
  await panel.getByRole("button", { name: "/tools/vm_create/require/0" }).click();
  await expect(page.getByRole("dialog").or(page.locator("[data-block]:focus")).first()).toBeVisible();
  await page.keyboard.press("Escape");

  await pickTool(page, "vm_create_image");
  await panel.getByLabel("Calls like this one just before").fill("10");
  await expect(panel.getByRole("status").first()).toContainText("rate_limited");
  const refusedEleventh = await agentText.innerText();
  await expect(panel.getByRole("region", { name: "Limits" })).toContainText("10 of 10 used");

  const grant = await addGrant(web, account.apiKey, serverId, policyId);
  const client = await connectAuto(grant.gatewayUrl, grant.token);
  const large = await client.call("vm_create", { name: "build-1", instanceType: "m5.xlarge" });
  expect(textOf(large)).toBe(refusedSize);
  const own = await client.call("vm_create", { name: "build-1", instanceType: "t3.micro", _callerRole: "" });
  expect(textOf(own)).toBe("[POLICY DENIED] A caller may not name its own role.");
  for (let call = 1; call <= 10; call++) {
    expect((await client.call("vm_create_image", { identifier: "vm-1", imageName: "image" })).isError).toBeFalsy();
  }
  const eleventh = await client.call("vm_create_image", { identifier: "vm-1", imageName: "image" });
  expect(decisionOf(eleventh)).toMatchObject({ code: "rate_limited", rule: "/tools/vm_create_image/limits/0" });
  // Ten calls take a moment, so a real client waits that much less.
  expect(withoutSeconds(textOf(eleventh))).toBe(withoutSeconds(refusedEleventh));
  await client.close();
  expect((await arrivedCalls(record)).map(({ name }) => name)).toEqual(Array(10).fill("vm_create_image"));
});

test("a block is edited at its chip: what is no number goes nowhere, what is one is one step, and undo takes it back", async ({
  page,
}, testInfo) => {
  test.setTimeout(120_000);
  const { account, policyId } = await openPolicy(page, testInfo.outputPath("arrived.jsonl"));
  const before = await draftOf(account, policyId);
  await page.getByRole("tab", { name: "Try it" }).click();
  await pickTool(page, "vm_create_image");
  const verdict = page.getByRole("tabpanel", { name: "Try it" }).getByRole("status").first();
  await page.getByLabel("Calls like this one just before").fill("10");
  await expect(verdict).toContainText("rate_limited");

  await page.getByRole("button", { name: /vm_create_image: .*10/ }).click();
  const calls = page.getByRole("dialog").getByLabel("Calls, at most");
  await calls.fill("a dozen");
  await expect(page.getByRole("alert").filter({ hasText: "This is no number" })).toBeVisible();
  // Escape takes the text back and leaves the form open.
  await calls.press("Escape");
  await expect(calls).toHaveValue("10");
  await calls.fill("12");
  await calls.press("Enter");
  await expect(verdict).toContainText("allowed");
  await calls.press("Escape");
  await expect(calls).toHaveValue("10");
  await expect(verdict).toContainText("rate_limited");
  await calls.fill("12");
  await page.keyboard.press("Tab");
  await expect(verdict).toContainText("allowed");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect.poll(() => draftOf(account, policyId)).toBe(before.replace("10", "12"));
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(verdict).toContainText("rate_limited");
  await expect.poll(() => draftOf(account, policyId)).toBe(before);

  // A condition waits until it says something, and then is of the type that was meant.
  await page.getByRole("button", { name: /vm_create: .*instanceType/ }).click();
  const form = page.getByRole("dialog");
  await form.getByRole("button", { name: "And…" }).click();
  await page.keyboard.type("region");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(form.getByText("Not in the policy yet: choose a value.")).toBeVisible();
  expect(await draftOf(account, policyId)).toBe(before);
  await form.getByRole("textbox", { name: "Condition 2: value" }).fill("5");
  await page.keyboard.press("Enter");
  await expect
    .poll(async () => JSON.parse(await draftOf(account, policyId)).tools.vm_create.require[0].conditions[1])
    .toEqual({ path: "args.region", op: "eq", value: "5" });
});

async function openPolicy(page: Page, record: string) {
  const account = await signUp(web);
  const server = await registerTmuxClaude(web, account.apiKey, record);
  const policyId = await addPolicy(web, account.apiKey, server.id, document);
  await signIn(page, account);
  await page.goto(`/policies/${policyId}`);
  return { account, serverId: server.id, policyId };
}

async function pickTool(page: Page, tool: string): Promise<void> {
  const field = page.getByRole("combobox", { name: "Tool to try" });
  await field.fill(tool);
  await page
    .getByRole("option", { name: new RegExp(`^${tool}(?![\\w-])`) })
    .first()
    .click();
  await expect(field).toHaveValue(tool);
}

/** One that the schema lists, or any other. */
async function addArgument(page: Page, name: string): Promise<void> {
  await page.getByRole("combobox", { name: "Add an argument" }).fill(name);
  await page.keyboard.press("Enter");
}

async function draftOf(account: Account, policyId: string): Promise<string> {
  return (await must<{ draft: string }>(200, web, account.apiKey, "GET", `/policies/${policyId}`)).draft;
}

function withoutSeconds(text: string): string {
  return text.replace(/\d+ s\.$/, "… s.");
}
