// What tests in a browser do again and again.
import type { Page } from "@playwright/test";

export async function signIn(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  await page.goto("/signin");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/signin"));
}

/** Puts a tool into a lane of the board, by the menu of its card. */
export async function moveTo(page: Page, tool: string, lane: string): Promise<void> {
  const search = page.getByRole("searchbox", { name: "Search tools" });
  await search.fill(tool);
  await page.getByRole("button", { name: `Menu of ${tool}`, exact: true }).click();
  await page.getByRole("menuitem", { name: "Move to…" }).click();
  await page.getByRole("menu").last().getByRole("menuitem", { name: lane }).click();
  await search.fill("");
}
