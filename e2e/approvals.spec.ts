// A call that waits for a person: refused to a real client, decided in a real browser, made once by the same client.
import { expect, type Page, test } from "@playwright/test";
import { signIn } from "./harness/browser.ts";
import { connectLegacy, decisionOf, type McpClient, type PolicyDecision, textOf } from "./harness/clients.ts";
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

const policy = {
  version: "1",
  default: "deny",
  tools: {
    vm_terminate: { action: "require_approval", reason: "Terminating a machine loses what is on it." },
    vm_create: {
      approve_if: [{ conditions: [{ path: "args.spot", op: "eq", value: false }], message: "On demand costs more." }],
      deny_if: [{ conditions: [{ path: "args.maxPrice", op: "gt", value: 100 }], on_deny: "Nothing dearer than 100." }],
    },
    vm_create_image: { action: "require_approval" },
  },
};

type World = { account: Account; client: McpClient; record: string; serverId: string };

async function openWorld(record: string): Promise<World> {
  const account = await signUp(web);
  const server = await registerTmuxClaude(web, account.apiKey, record);
  const policyId = await addPolicy(web, account.apiKey, server.id, policy);
  const grant = await addGrant(web, account.apiKey, server.id, policyId);
  const client = await connectLegacy(grant.gatewayUrl, grant.token);
  return { account, client, record, serverId: server.id };
}

type Refused = PolicyDecision & { approval_id: string; approval_url: string };

async function ask(client: McpClient, tool: string, args: Record<string, unknown>): Promise<Refused> {
  const answer = await client.call(tool, args);
  expect(answer.isError, textOf(answer)).toBe(true);
  const decision = decisionOf(answer) as Refused;
  expect(decision.code, textOf(answer)).toBe("approval_required");
  expect(textOf(answer)).toContain(decision.approval_url);
  return decision;
}

/** Something on its way that waits until the test lets it go on. */
function gate(): { opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** To a page of a browser without a window, all tabs are in sight. */
async function setVisibility(page: Page | undefined, state: "hidden" | "visible"): Promise<void> {
  await page?.evaluate((value) => {
    Object.defineProperty(document, "visibilityState", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}

/** The one in the inbox beside the list. */
const detail = (page: Page, tool: string) => page.getByRole("heading", { level: 2, name: tool, exact: true });

let world: World;
test.describe.configure({ timeout: 120_000 });
// biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a test wants from this pattern
test.beforeEach(async ({}, testInfo) => {
  world = await openWorld(testInfo.outputPath("arrived.jsonl"));
});
test.afterEach(() => world?.client.close());

test("an approval is given on the page that the refusal names, and holds for that very call, once", async ({
  page,
}) => {
  const { account, client, record } = world;
  const args = { identifier: "vm-1", confirm: true };
  const refused = await ask(client, "vm_terminate", args);
  // The same call attaches to the same request, one letter makes another.
  expect((await ask(client, "vm_terminate", args)).approval_id).toBe(refused.approval_id);
  expect((await ask(client, "vm_terminate", { ...args, identifier: "vm-2" })).approval_id).not.toBe(
    refused.approval_id,
  );

  await page.goto(refused.approval_url);
  await page.waitForURL(/\/signin/);
  await page.getByLabel("Email").fill(account.email);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(refused.approval_url);
  await expect(page.getByText("Terminating a machine loses what is on it.")).toBeVisible();
  await expect(page.getByRole("region", { name: "Arguments", exact: true }).last()).toContainText(
    '"identifier": "vm-1"',
  );
  await expect(page.getByText("legacy-client", { exact: true })).toBeVisible();
  await expect(page.getByText(/\d:\d\d left/)).toBeVisible();

  // What destroys something is asked once more.
  await page.getByRole("button", { name: "Approve", exact: true }).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog).toContainText("cannot be taken back");
  await dialog.getByRole("button", { name: "Approve the call" }).click();
  await expect(page.getByText(`Approved by ${account.email}`)).toBeVisible();

  expect((await client.call("vm_terminate", args)).isError).toBeFalsy();
  await expect(page.getByText("Approved and made")).toBeVisible();
  const again = await ask(client, "vm_terminate", args);
  expect(again.approval_id).not.toBe(refused.approval_id);
  expect((await arrivedCalls(record)).map((call) => [call.name, call.arguments])).toEqual([["vm_terminate", args]]);
  await page.getByRole("link", { name: "The call that was made" }).click();
  await expect(page.getByText("vm_terminate").first()).toBeVisible();
});

test("an approver edits the arguments, and sees before what the policy says to them", async ({ page }) => {
  const { account, client, record } = world;
  const args = { name: "ci", spot: false, maxPrice: 90, password: "hunter2-and-more" };
  await ask(client, "vm_create", args);
  await signIn(page, account);
  await page.goto("/approvals");
  await expect(detail(page, "vm_create")).toBeVisible();
  const shown = page.getByRole("region", { name: "Arguments", exact: true }).last();
  await expect(shown).toContainText('"password": "[hidden: 16 characters]"');

  await page.getByRole("button", { name: "Edit arguments…" }).click();
  const dialog = page.getByRole("dialog");
  const write = async (text: string) => {
    await dialog.locator(".cm-content").click();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.insertText(text);
  };
  const hidden = '"password": "[hidden: 16 characters]"';
  await write(`{"name": "ci", "spot": false, "maxPrice": 101, ${hidden}}`);
  await expect(dialog.getByText("Nothing dearer than 100.")).toBeVisible();
  const approve = dialog.getByRole("button", { name: "Approve with these arguments" });
  await expect(approve).toBeDisabled();
  await write('{"name": ');
  await expect(dialog.getByText("These arguments cannot be sent")).toBeVisible();
  await write(`{"name": "ci-2", "spot": false, "maxPrice": 5, ${hidden}}`);
  await expect(dialog.getByText("The policy lets the call go on with these arguments")).toBeVisible();
  await approve.click();
  await expect(page.getByText(`Approved by ${account.email}`)).toBeVisible();
  await expect(page.getByRole("region", { name: "What the approver changed" })).toContainText("ci-2");

  // The agent makes the call that it made; the server gets the other one.
  expect((await client.call("vm_create", args)).isError).toBeFalsy();
  expect((await arrivedCalls(record)).map((call) => call.arguments)).toEqual([
    { name: "ci-2", spot: false, maxPrice: 5, password: "hunter2-and-more" },
  ]);
});

test("what is hidden is shown to who asks for it, and the next call is compared with the last", async ({ page }) => {
  const { account, client } = world;
  const first = await ask(client, "vm_create", { name: "ci-1", spot: false });
  await must(200, web, account.apiKey, "POST", `/approvals/${first.approval_id}`, { decision: "approve" });
  const second = await ask(client, "vm_create", { name: "ci-2", spot: false, token: "abcdef" });
  await signIn(page, account);
  await page.goto(`/approvals/${second.approval_id}`);
  await page.getByRole("button", { name: "Compare with the last approved call" }).click();
  await expect(page.getByRole("region", { name: "Compared with the last approved call" })).toContainText('"ci-1"');
  await page.getByRole("button", { name: "Show the arguments alone" }).click();
  await expect(page.getByText("abcdef")).toHaveCount(0);
  await page.getByRole("button", { name: "Show the hidden value" }).click();
  await expect(page.getByText('"abcdef"')).toBeVisible();
  const audit = await must<{ items: { action: string }[] }>(200, web, account.apiKey, "GET", "/audit");
  expect(audit.items[0]?.action).toBe("approval.revealed");
});

test("with keys alone: what comes appears, is gone through, approved and denied with a reason", async ({ page }) => {
  const { account, client, record } = world;
  await signIn(page, account);
  await page.goto("/approvals");
  await expect(page.getByText("Nothing waits")).toBeVisible();
  await ask(client, "vm_create", { name: "one", spot: false });
  await expect(detail(page, "vm_create")).toBeVisible();
  await ask(client, "vm_create_image", { identifier: "vm-1", imageName: "two" });
  await ask(client, "vm_terminate", { identifier: "vm-3", confirm: true });
  await expect(page).toHaveTitle(/^\(3\) Approvals/);
  await expect(page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: /Approvals 3/ })).toBeVisible();

  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toContainText("Deny, with a reason");
  await page.keyboard.press("Escape");
  await page.keyboard.press("a");
  await expect(page.getByText(`Approved by ${account.email}`)).toBeVisible();
  await expect(page).toHaveTitle(/^\(2\) Approvals/);

  await page.keyboard.press("j");
  await expect(detail(page, "vm_create_image")).toBeVisible();
  await page.keyboard.press("j");
  await expect(detail(page, "vm_terminate")).toBeVisible();
  await page.keyboard.press("k");
  await expect(detail(page, "vm_create_image")).toBeVisible();
  await page.keyboard.press("d");
  await page.keyboard.type("Not before the backup is done. j k a");
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(page.getByText(`Denied by ${account.email}`)).toBeVisible();
  await expect(page).toHaveTitle(/^\(1\) Approvals/);

  const denied = await client.call("vm_create_image", { identifier: "vm-1", imageName: "two" });
  expect(textOf(denied)).toContain("Not before the backup is done. j k a");
  expect(decisionOf(denied).code).toBe("approval_denied");
  expect((await client.call("vm_create", { name: "one", spot: false })).isError).toBeFalsy();
  expect((await arrivedCalls(record)).map((call) => call.name)).toEqual(["vm_create"]);
  await page.getByRole("tab", { name: "Decided" }).click();
  await expect(page.getByRole("list", { name: "Decided" }).getByRole("listitem")).toHaveCount(2);
});

test("what comes while the page opens is not lost: not before its stream is open, and not during its first look", async ({
  page,
}) => {
  const { account, client } = world;
  await signIn(page, account);
  const stream = gate();
  await page.route("**/api/v1/approvals/events", async (route) => {
    await stream.opened;
    await route.continue();
  });
  await page.goto("/approvals");
  await expect(page.getByText("Nothing waits")).toBeVisible();
  await ask(client, "vm_create", { name: "before the stream", spot: false });
  stream.open();
  await expect(detail(page, "vm_create")).toBeVisible();

  // The answer to the first look was made before the next call came, and arrives when that was told of long ago.
  await page.goto("/overview");
  const list = gate();
  let looks = 0;
  await page.route("**/api/v1/approvals?*", async (route) => {
    looks += 1;
    if (looks > 1) return route.continue();
    const answer = await route.fetch();
    await list.opened;
    await route.fulfill({ response: answer });
  });
  await page.goto("/approvals");
  await expect(page).toHaveTitle(/^\(1\) Approvals/);
  await ask(client, "vm_create_image", { identifier: "vm-1", imageName: "during the first look" });
  await expect(page).toHaveTitle(/^\(2\) Approvals/);
  list.open();
  await expect(page.getByRole("list", { name: "Waiting" }).getByRole("listitem")).toHaveCount(2);
});

test("the window's title says how many wait, also where React gets to its own title later", async ({ page }) => {
  const { account, client } = world;
  await signIn(page, account);
  await ask(client, "vm_create", { name: "one", spot: false });
  // As on a slow machine: what React has left to do when the stream is asked for, it does when that has told.
  await page.addInitScript(() => {
    const held: (() => void)[] = [];
    let isHolding = false;
    const requestLock = LockManager.prototype.request;
    LockManager.prototype.request = function (this: LockManager, ...args: unknown[]) {
      isHolding = true;
      return Reflect.apply(requestLock, this, args);
    };
    const post = MessagePort.prototype.postMessage;
    MessagePort.prototype.postMessage = function (this: MessagePort, ...args: unknown[]) {
      const send = () => Reflect.apply(post, this, args);
      if (isHolding) held.push(send);
      else send();
    };
    window.EventSource = class extends EventSource {
      constructor(url: string | URL) {
        super(url);
        const goOn = () => {
          isHolding = false;
          for (const send of held.splice(0)) send();
          document.documentElement.dataset.wentOn = "";
        };
        this.addEventListener("pending", () => setTimeout(goOn, 100));
      }
    };
  });
  await page.goto("/approvals");
  await expect(page.locator("html[data-went-on]")).toBeAttached();
  await expect(detail(page, "vm_create")).toBeVisible();
  await expect(page).toHaveTitle(/^\(1\) Approvals/);
});

test("what comes while the stream is cut appears when it is open again, also after a refusal", async ({ page }) => {
  const { account, client } = world;
  await signIn(page, account);
  const reopening = gate();
  let openings = 0;
  await page.route("**/api/v1/approvals/events", async (route) => {
    openings += 1;
    if (openings === 1) return route.fulfill({ contentType: "text/event-stream", body: "retry: 100\n\n" });
    if (openings === 2) return route.fulfill({ status: 503, body: "" });
    await reopening.opened;
    return route.continue();
  });
  await page.goto("/approvals");
  await expect(page.getByText("Nothing waits")).toBeVisible();
  await expect.poll(() => openings).toBe(3);
  await ask(client, "vm_create", { name: "meanwhile", spot: false });
  reopening.open();
  await expect(detail(page, "vm_create")).toBeVisible();
});

test("many tabs of one browser share a connection, so the next one opens as well", async ({ page, context }) => {
  const { account, client } = world;
  await signIn(page, account);
  const tabs = [page];
  // Browsers open six connections to one host, and a stream of events keeps one.
  while (tabs.length < 8) tabs.push(await context.newPage());
  for (const tab of tabs) {
    await tab.goto("/approvals");
    await expect(tab.getByText("Nothing waits")).toBeVisible();
  }
  await ask(client, "vm_create", { name: "one", spot: false });
  for (const tab of tabs) {
    await expect(tab).toHaveTitle(/^\(1\) Approvals/);
    await expect(detail(tab, "vm_create")).toBeVisible();
  }
  // Another takes over when the one that kept it is closed.
  await page.close();
  await ask(client, "vm_create", { name: "two", spot: false });
  for (const tab of tabs.slice(1)) {
    await expect(tab).toHaveTitle(/^\(2\) Approvals/);
    await expect(tab.getByRole("list", { name: "Waiting" }).getByRole("listitem")).toHaveCount(2);
  }
});

test("whoever comes second hears what happened, and whoever is of another organisation nothing", async ({ page }) => {
  const { account, client } = world;
  const { approval_id: id } = await ask(client, "vm_create", { name: "one", spot: false });
  await signIn(page, account);
  await page.goto(`/approvals/${id}`);
  // Somebody else decides while this answer is on its way.
  await page.route(`**/api/v1/approvals/${id}`, async (route) => {
    if (route.request().method() === "POST") {
      await must(200, web, account.apiKey, "POST", `/approvals/${id}`, { decision: "deny", reason: "Mine was first" });
    }
    await route.continue();
  });
  await page.getByRole("button", { name: "Approve", exact: true }).click();
  await expect(page.getByRole("alert").filter({ hasText: "denied it already" })).toContainText("Mine was first");
  await expect(page.getByText(`Denied by ${account.email}`)).toBeVisible();

  const stranger = await signUp(web);
  await page.context().clearCookies();
  await signIn(page, stranger);
  await page.goto(`/approvals/${id}`);
  await expect(page.getByRole("heading", { name: "There is no such approval" })).toBeVisible();
});

test("where tabs cannot agree on one that listens, those out of sight let go of their connection", async ({
  page,
  context,
}) => {
  const { account, client } = world;
  await signIn(page, account);
  // As at an address that is neither https nor this machine's own.
  await context.addInitScript(() => {
    Object.defineProperty(navigator, "locks", { value: undefined });
  });
  const tabs: Page[] = [];
  while (tabs.length < 8) {
    const tab = await context.newPage();
    await tab.goto("/approvals");
    await expect(tab.getByText("Nothing waits")).toBeVisible();
    await setVisibility(tabs.at(-1), "hidden");
    tabs.push(tab);
  }
  await ask(client, "vm_create", { name: "one", spot: false });
  const [first, last] = [tabs[0] ?? page, tabs[7] ?? page];
  await expect(last).toHaveTitle(/^\(1\) Approvals/);
  await expect(detail(last, "vm_create")).toBeVisible();
  await setVisibility(last, "hidden");
  await setVisibility(first, "visible");
  await expect(first).toHaveTitle(/^\(1\) Approvals/);
  await expect(detail(first, "vm_create")).toBeVisible();
});

test("what nobody decided in time says so, and how to go on", async ({ page }) => {
  const { account, client } = world;
  const { approval_id: id } = await ask(client, "vm_create", { name: "one", spot: false });
  await signIn(page, account);
  // As it is answered when its time is up.
  await page.route(`**/api/v1/approvals/${id}`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), status: "expired" } });
  });
  await page.goto(`/approvals/${id}`);
  await expect(page.getByRole("heading", { name: "Approval of vm_create" })).toBeVisible();
  await expect(
    page.getByText("Nobody decided in time. If the agent still wants it, it has to ask again."),
  ).toBeVisible();
  await expect(page.getByRole("button", { name: "Approve", exact: true })).toHaveCount(0);
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

test("on a phone a call is found, opened and decided", async ({ page }) => {
  const { account, client } = world;
  await ask(client, "vm_create", { name: "one", spot: false });
  const { approval_id: other } = await ask(client, "vm_create_image", { identifier: "vm-1", imageName: "nightly" });
  await must(200, web, account.apiKey, "POST", `/approvals/${other}`, { decision: "deny" });
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page, account);
  await page.goto("/approvals");
  await page.getByRole("link", { name: /^vm_create/ }).click();
  await page.getByRole("button", { name: "For this session…" }).click();
  await page.getByRole("dialog").getByLabel("Minutes").fill("5");
  await page.getByRole("dialog").getByRole("button", { name: "Approve for 5 minutes" }).click();
  await expect(page.getByText(`Approved for this session by ${account.email}`)).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  // What a row says is not cut off, however long its policy's sentence is.
  await page.goto("/approvals?tab=decided");
  const row = page.getByRole("link", { name: /^vm_create_image/ });
  await expect(row.getByText("Denied", { exact: true })).toBeInViewport({ ratio: 1 });
  // Every call of the tool in this session, whatever its arguments; those of the policy still hold.
  expect((await client.call("vm_create", { name: "two", spot: false })).isError).toBeFalsy();
  expect((await client.call("vm_create", { name: "three", spot: false })).isError).toBeFalsy();
  expect(decisionOf(await client.call("vm_create", { name: "four", spot: false, maxPrice: 500 })).code).toBe("denied");
  await ask(client, "vm_terminate", { identifier: "vm-1", confirm: true });
});
