// People in one organisation, each in a browser of their own: invited, promoted, signed out, and let in again.
import { randomUUID } from "node:crypto";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { authenticatorCode } from "./harness/authenticator.ts";
import { signIn } from "./harness/browser.ts";
import { signUp } from "./harness/management.ts";

const web = `http://127.0.0.1:${process.env.PORT ?? 3900}`;
const password = "correct horse battery staple";

/** A browser of somebody else: nothing of the first one's is in it. */
async function otherBrowser(browser: Browser): Promise<Page> {
  return (await browser.newContext({ baseURL: web })).newPage();
}

async function invite(page: Page, role: string): Promise<string> {
  await page.goto("/settings/members");
  await page.getByRole("button", { name: "Invite somebody" }).first().click();
  await page.getByRole("radio", { name: role, exact: true }).check({ force: true });
  await page.getByRole("button", { name: "Make invite link" }).click();
  const link = await page.getByRole("dialog").locator("code").innerText();
  await page.getByRole("button", { name: "Done" }).click();
  // Made for the address under which everybody knows this installation; the test's own port leads there too.
  return new URL(link).pathname;
}

async function joinAsNew(page: Page, path: string): Promise<string> {
  const email = `grace-${randomUUID()}@example.com`;
  await page.goto(path);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Choose a password").fill(password);
  await page.getByRole("button", { name: /^Create account and join/ }).click();
  await page.waitForURL("**/overview");
  return email;
}

/** At the next click; a page that asks for news by itself may be quicker than that. */
async function isSignedOut(page: Page): Promise<void> {
  // The page may be on its way there by itself, and then one of the two ends the other.
  await expect(async () => {
    await page.goto("/servers").catch(() => {});
    await expect(page).toHaveURL(/\/signin\?/, { timeout: 5_000 });
  }).toPass({ timeout: 30_000 });
}

async function actOn(page: Page, email: string, act: string): Promise<void> {
  await page.getByRole("button", { name: `Actions for ${email}` }).click();
  await page.getByRole("menuitem", { name: act }).click();
}

test("invited as a viewer, promoted, and signed out everywhere, each at once", async ({ page, browser }) => {
  test.setTimeout(180_000);
  const admin = await signUp(web);
  await signIn(page, admin);
  const link = await invite(page, "Viewer");

  const grace = await otherBrowser(browser);
  const email = await joinAsNew(grace, link);
  await grace.goto("/settings/members");
  await expect(grace.getByRole("list", { name: "Members" }).getByRole("listitem")).toHaveCount(2);
  // She sees who is here, and nothing that changes anything.
  await expect(grace.getByRole("button", { name: "Invite somebody" })).toHaveCount(0);
  await expect(grace.getByRole("button", { name: /^Actions for/ })).toHaveCount(0);
  await expect(grace.getByRole("link", { name: "Audit log" })).toHaveCount(0);
  await grace.goto("/settings");
  await expect(grace.getByText("Viewer", { exact: true })).toBeVisible();
  await expect(grace.getByRole("heading", { name: "API keys" })).toHaveCount(0);

  // The link was used up by her.
  const late = await otherBrowser(browser);
  await late.goto(link);
  await expect(late.getByRole("heading", { name: "This invite does not work" })).toBeVisible();

  await page.reload();
  await actOn(page, email, "Change role");
  await page.getByRole("radio", { name: "Admin", exact: true }).check({ force: true });
  await page.getByRole("button", { name: "Change role" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: email }).first()).toContainText("Admin");
  await grace.goto("/settings/members");
  await expect(grace.getByRole("button", { name: "Invite somebody" }).first()).toBeVisible();
  await expect(grace.getByRole("link", { name: "Audit log" })).toBeVisible();

  await actOn(page, email, "Sign out everywhere");
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: email }).first()).toContainText("not signed in");
  await isSignedOut(grace);

  // All of it is on record, and the record of one person is an address that can be sent.
  await page.goto("/settings/audit");
  const changes = page.getByRole("list", { name: "Changes" }).getByRole("listitem");
  const promotion = changes.filter({ hasText: "changed the role of" });
  await expect(promotion).toContainText("viewer");
  await expect(promotion).toContainText("admin");
  await promotion.getByRole("button", { name: email }).click();
  await expect(page).toHaveURL(/targetId=/);
  await expect(changes.filter({ hasText: "made an invite" })).toHaveCount(0);
  await page.reload();
  await expect(changes.filter({ hasText: "signed out everywhere" })).toHaveCount(1);
  await expect(changes.filter({ hasText: "made an invite" })).toHaveCount(0);
});

test("a second factor is asked for at the next sign-in, and a lost password is set by an admin's link", async ({
  page,
  browser,
}) => {
  test.setTimeout(180_000);
  const admin = await signUp(web);
  await signIn(page, admin);
  const grace = await otherBrowser(browser);
  const email = await joinAsNew(grace, await invite(page, "Policy manager"));

  await grace.goto("/settings/security");
  await grace.getByRole("button", { name: "Set up" }).click();
  await grace.getByLabel("Your password").fill(password);
  await grace.getByRole("button", { name: "Continue" }).click();
  await expect(grace.getByRole("img", { name: /QR code/ })).toBeVisible();
  const secret = await grace.getByRole("dialog").locator("code").innerText();
  await grace.getByLabel("Code of the app").fill(authenticatorCode(secret));
  await grace.getByRole("button", { name: "Turn on" }).click();
  const codes = grace.getByRole("list", { name: "Recovery codes" }).getByRole("listitem");
  await expect(codes).toHaveCount(10);
  const recoveryCode = await codes.first().innerText();
  expect(recoveryCode).toMatch(/^[a-z2-7-]{19}$/);
  await grace.getByRole("button", { name: "I have kept them" }).click();
  await expect(grace.getByText("10 recovery codes are left.")).toBeVisible();

  // She is sitting at another browser without her phone.
  const phone = await otherBrowser(browser);
  await phone.goto("/signin");
  await phone.getByLabel("Email").fill(email);
  await phone.getByLabel("Password", { exact: true }).fill(password);
  await phone.getByRole("button", { name: "Sign in", exact: true }).click();
  await phone.getByLabel("Code").fill("000000");
  await phone.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(phone.getByText("The code is not right, or was used already.", { exact: false })).toBeVisible();
  await phone.getByLabel("Code").fill(recoveryCode);
  await phone.getByRole("button", { name: "Sign in", exact: true }).click();
  await phone.waitForURL("**/overview");

  // The first browser sees the second, and ends it.
  await grace.reload();
  await expect(grace.getByRole("list", { name: "Browsers" }).getByRole("listitem")).toHaveCount(2);
  await grace.getByRole("button", { name: /^Sign out Chrome/ }).click();
  await expect(grace.getByRole("list", { name: "Browsers" }).getByRole("listitem")).toHaveCount(1);
  await isSignedOut(phone);

  await page.goto("/settings/members");
  await actOn(page, email, "Make a password link");
  await page.getByRole("button", { name: "Make link" }).click();
  const link = await page.getByRole("dialog", { name: "The link for a new password" }).locator("code").innerText();
  await phone.goto(new URL(link).pathname);
  await phone.getByLabel("New password").fill("wholly different words here");
  await phone.getByRole("button", { name: "Set password" }).click();
  await expect(phone.getByText("Your password is set.")).toBeVisible();
  await phone.getByRole("link", { name: "Sign in" }).click();
  await phone.getByLabel("Email").fill(email);
  await phone.getByLabel("Password", { exact: true }).fill("wholly different words here");
  await phone.getByRole("button", { name: "Sign in", exact: true }).click();
  await phone.getByLabel("Code").fill(authenticatorCode(secret, 1));
  await phone.getByRole("button", { name: "Sign in", exact: true }).click();
  await phone.waitForURL("**/overview");
});
