// No page, dialog or tab has a serious or critical accessibility violation, in light and in dark. One load of each page does for both.
import { expect, type Page, test } from "@playwright/test";
import axe from "axe-core";
import { signIn } from "./harness/browser.ts";
import { connectAuto, decisionOf } from "./harness/clients.ts";
import {
  type Account,
  addGrant,
  addPolicy,
  type Granted,
  must,
  type RegisteredServer,
  registerTmuxClaude,
  signUp,
} from "./harness/management.ts";

const web = `http://127.0.0.1:${process.env.PORT ?? 3900}`;

/** With a limit, conditions, a warning (an unguarded dangerous tool) and a tool that the server lacks. */
const richPolicy = {
  version: "1",
  default: "deny",
  hide: ["vm_terminate"],
  categories: { Read: {} },
  tools: {
    vm_create_image: { limits: [{ counter: "images", window: "minute", max: 10 }] },
    vm_create: {
      require: [{ conditions: [{ path: "args.instanceType", op: "in", value: ["t3.micro", "t3.small"] }] }],
      approve_if: [{ conditions: [{ path: "args.spot", op: "eq", value: false }], timeout: 3600 }],
    },
    terminate: {},
    vm_gone: { action: "deny" },
  },
};

const publicPaths = [
  "/",
  "/signin",
  "/signup",
  "/reset",
  "/reset/nothing",
  "/invite/nothing",
  "/catalog",
  "/catalog?q=no-such-thing-anywhere",
  "/catalog/tmux-claude",
  "/catalog/tmux-claude/vm_create_image",
  "/catalog/changes",
  "/catalog/no-such-server",
  "/attacks",
  "/attacks/tool-poisoning",
  "/risk",
  "/risk/high",
  "/category/destructive",
  "/contact",
  "/no-such-page",
];

type World = { account: Account; server: RegisteredServer; policyId: string; grant: Granted; approvalId: string };
let world: World;

test.beforeAll(async () => {
  const account = await signUp(web);
  const server = await registerTmuxClaude(web, account.apiKey, test.info().outputPath("arrived.jsonl"));
  const policyId = await addPolicy(web, account.apiKey, server.id, richPolicy);
  const grant = await addGrant(web, account.apiKey, server.id, policyId);
  const client = await connectAuto(grant.gatewayUrl, grant.token);
  for (const tool of ["vm_list", "vm_ssh", "vm_create_image"]) {
    await client.call(tool, { identifier: "vm-1", imageName: "image" });
  }
  // Waits for a person for as long as the tests take.
  const waiting = await client.call("vm_create", { instanceType: "t3.small", spot: false, token: "a-secret" });
  const { approval_id: approvalId } = decisionOf(waiting) as unknown as { approval_id: string };
  await client.close();
  const { draftRevision } = await must<{ draftRevision: number }>(
    200,
    web,
    account.apiKey,
    "GET",
    `/policies/${policyId}`,
  );
  await must(200, web, account.apiKey, "PUT", `/policies/${policyId}/draft`, {
    document: { ...richPolicy, hide: [] },
    seenRevision: draftRevision,
  });
  await must(201, web, account.apiKey, "POST", `/policies/${policyId}/versions`, {
    seenRevision: draftRevision + 1,
    note: "Shown again",
    shadow: true,
  });
  world = { account, server, policyId, grant, approvalId };
});

test.use({ colorScheme: "light", reducedMotion: "reduce", viewport: { width: 1440, height: 900 } });

test("pages that need no session", async ({ page }) => {
  test.setTimeout(600_000);
  for (const path of publicPaths) {
    await page.goto(path);
    await page.getByRole("heading").first().waitFor();
    await expectAccessible(page, path);
  }
  await page.goto("/signin");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expectAccessible(page, "/signin with errors");

  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/catalog/tmux-claude/vm_create_image");
  await page.locator("summary").first().click();
  await page.getByRole("button", { name: "Send message" }).click();
  await page.getByText("Write a message.").waitFor();
  await expectAccessible(page, "a tool on a phone, with the menu open and a message that lacks all");
});

test("every page of the dashboard", async ({ page }) => {
  test.setTimeout(600_000);
  const { account, server, policyId, approvalId } = world;
  await signIn(page, account);
  const newest = "/calls?limit=2";
  const calls = await must<{ items: { id: string }[] }>(200, web, account.apiKey, "GET", newest);
  const paths = [
    "/overview",
    "/servers",
    "/servers/new",
    ...["", "policies", "grants", "calls", "figures", "settings"].map((tab) => `/servers/${server.id}?tab=${tab}`),
    "/policies",
    ...["versions", "grants", "settings"].map((tab) => `/policies/${policyId}?tab=${tab}`),
    "/grants",
    "/approvals",
    "/approvals?tab=decided",
    `/approvals/${approvalId}`,
    "/approvals/00000000-0000-7000-8000-000000000000",
    "/calls",
    "/calls?outcome=answered",
    "/calls?tab=figures",
    ...calls.items.map(({ id }) => `/calls/${id}`),
    "/calls/00000000-0000-7000-8000-000000000000",
    "/settings",
    "/settings/members",
    "/settings/security",
    "/settings/audit",
    "/settings/audit?targetKind=server&from=2020-01-01",
    "/settings/notifications",
    "/settings/messages",
    "/settings/evidence",
    "/stack",
    "/stack/apply",
    "/harvest",
    "/open?server=tmux-claude&tool=vm_create_image",
    "/servers/00000000-0000-7000-8000-000000000000",
  ];
  for (const path of paths) {
    await page.goto(path);
    await settled(page);
    await expectAccessible(page, path);
  }
});

test("what opens on the pages: rows, dialogs, menus", async ({ page }) => {
  test.setTimeout(600_000);
  const { account, server, policyId } = world;
  await signIn(page, account);
  await page.goto("/servers/new");
  await page.getByRole("tab", { name: "Local (stdio)" }).click();
  await page.getByRole("button", { name: "Register server" }).click();
  await expectAccessible(page, "a command to register, with errors");

  await page.goto(`/servers/${server.id}`);
  await page.getByRole("listitem").filter({ hasText: "vm_create_image" }).getByRole("button").first().click();
  await expectAccessible(page, "an open tool");

  await page.goto("/calls");
  await page
    .getByRole("button", { name: /vm_ssh/ })
    .first()
    .click();
  await expectAccessible(page, "an open call");

  await page.goto(`/policies/${policyId}?tab=versions`);
  await page.getByRole("button", { name: "Version 2" }).click();
  await expectAccessible(page, "an open version");

  await page.goto("/policies");
  await page.getByRole("button", { name: "New policy" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("In words").waitFor();
  await expectAccessible(page, "a new policy");
  await dialog.getByRole("radio", { name: "Real traffic" }).check();
  await dialog.getByRole("table").waitFor();
  await expectAccessible(page, "a new policy from traffic");
  await dialog.getByRole("radio", { name: "Paste JSON" }).check();
  await dialog.getByRole("button", { name: "Create policy" }).click();
  await expectAccessible(page, "a new policy with errors");

  await page.goto("/grants");
  await page
    .getByRole("button", { name: /new grant/i })
    .first()
    .click();
  await expectAccessible(page, "a new grant");
  await page.getByRole("dialog").getByLabel("Label").fill("axe");
  await page.getByRole("dialog").getByRole("button", { name: "Create grant" }).click();
  await page.getByText("This token is shown once").waitFor();
  await expectAccessible(page, "a token");
});

test("approvals: what opens on their pages", async ({ page }) => {
  test.setTimeout(600_000);
  await signIn(page, world.account);
  await page.goto(`/approvals/${world.approvalId}`);
  for (const [button, opened] of [
    ["Deny…", "denying"],
    ["Edit arguments…", "editing the arguments"],
    ["For this session…", "approving for a session"],
  ] as const) {
    await page.getByRole("button", { name: button }).click();
    await page.getByRole("dialog").waitFor();
    if (opened.startsWith("editing")) await page.getByText("Nothing is changed yet").waitFor();
    await expectAccessible(page, opened);
    await page.getByRole("button", { name: "Cancel" }).click();
  }
  await page.goto("/approvals");
  await page.getByRole("button", { name: "Keys" }).click();
  await expectAccessible(page, "the keys of the inbox");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/approvals/${world.approvalId}`);
  await page.getByRole("button", { name: "Show the hidden value" }).click();
  await page.getByText('"a-secret"').waitFor();
  await expectAccessible(page, "an approval on a phone, with what was hidden");
  await page.goto("/settings/notifications");
  await page.getByRole("button", { name: "Add" }).click();
  await expectAccessible(page, "a new place for messages");
  await page.getByLabel("URL").fill("http://127.0.0.1:9/hook");
  await page.getByRole("dialog").getByRole("button", { name: "Add" }).click();
  await page.getByText("Signing secret", { exact: true }).waitFor();
  await expectAccessible(page, "a signing secret");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: /^Send a test/ }).click();
  await page.getByText(/could not be reached/).waitFor();
  await expectAccessible(page, "messages");
});

test("the policy editor: each view, its dialogs, and on a phone", async ({ page }) => {
  test.setTimeout(600_000);
  const { account, policyId } = world;
  await signIn(page, account);
  await page.goto(`/policies/${policyId}`);
  await page.locator(".cm-content").waitFor();
  await settled(page);
  for (const view of ["JSON", "In words", "Try it", /Problems/]) {
    await page.getByRole("tab", { name: view }).click();
    await expectAccessible(page, `the editor, ${view}`);
  }
  await page.getByRole("button", { name: "Start over from…" }).click();
  await page.getByRole("dialog").getByLabel("In words").waitFor();
  await expectAccessible(page, "starting over");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText(/Would change|There are no calls/).waitFor();
  await expectAccessible(page, "publishing");
  await page.keyboard.press("Escape");

  await page.setViewportSize({ width: 390, height: 844 });
  for (const view of ["Board", "JSON", "In words", "Try it"]) {
    await page.getByRole("tab", { name: view }).click();
    await expectAccessible(page, `the editor on a phone, ${view}`);
  }
});

/** Nothing is being loaded any more. */
async function settled(page: Page): Promise<void> {
  await page.getByRole("heading").first().waitFor();
  await expect(page.getByText(/^Loading/)).toHaveCount(0, { timeout: 20_000 });
}

/** Looked at in light; then once more in dark, where only the colours are others. */
async function expectAccessible(page: Page, where: string): Promise<void> {
  expect.soft(await violations(page), where).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator("html.dark").waitFor({ state: "attached" });
  expect.soft(await violations(page, ["color-contrast"]), `${where}, in dark`).toEqual([]);
  await page.emulateMedia({ colorScheme: "light" });
  await page.locator("html.light").waitFor({ state: "attached" });
}

async function violations(page: Page, rules?: string[]) {
  // Colours on their way from one to another are no one's choice. What moves for ever has no end. Not waited for: one that is on
  // its way while the page comes alive may never say that it has ended.
  await page.evaluate(() => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    for (const animation of ending) animation.finish();
  });
  await page.evaluate(axe.source);
  return page.evaluate(async (only) => {
    const { axe } = window as unknown as { axe: typeof import("axe-core") };
    const found = await axe.run(document, { resultTypes: ["violations"], ...(only ? { runOnly: only } : {}) });
    return found.violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, help, nodes }) => ({
        id,
        help,
        nodes: nodes.slice(0, 5).map(({ html, failureSummary }) => `${html.slice(0, 300)} ← ${failureSummary}`),
      }));
  }, rules);
}
