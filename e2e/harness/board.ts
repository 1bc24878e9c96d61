// A policy's board as a person finds it on the page.
import { expect, type Locator, type Page } from "@playwright/test";
import { must, signUp, tmuxClaudePath } from "./management.ts";

export type OpenBoard = { policyId: string; serverId: string; apiKey: string; record: string; web: string };

/** Signs a new person up and in, and opens the editor of a policy that denies all 26 tools of our tmux-claude. */
export async function openEmptyBoard(page: Page, web: string, record: string): Promise<OpenBoard> {
  const { apiKey, email, password } = await signUp(web);
  const server = await must<{ id: string }>(201, web, apiKey, "POST", "/servers", {
    name: "tmux-claude",
    transport: "stdio",
    command: process.execPath,
    args: ["--import", import.meta.resolve("tsx"), tmuxClaudePath, `--record=${record}`],
  });
  const { id } = await must<{ id: string }>(201, web, apiKey, "POST", `/servers/${server.id}/policies`, {
    name: "CI runner",
    document: { version: "1", default: "deny" },
  });
  await page.goto("/signin");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/signin"));
  await page.goto(`/policies/${id}`);
  await expect(laneOf(page, "Deny")).toContainText("26");
  return { policyId: id, serverId: server.id, apiKey, record, web };
}

export function laneOf(page: Page, label: string): Locator {
  return page.getByRole("region", { name: new RegExp(`^${label}, \\d+ tools?$`) });
}

export function cardOf(page: Page, tool: string): Locator {
  return page.getByRole("article", { name: tool, exact: true });
}

/** The part of a card that keys work on. */
export function handleOf(page: Page, tool: string): Locator {
  return page.getByRole("button", { name: new RegExp(`^${tool}, `) });
}

/** What screen readers were told last. */
export function announced(page: Page): Locator {
  return page.locator("[data-announcements]");
}

/** Drags with real mouse events, the way a hand does: press, a few moves, release. */
export async function drag(page: Page, from: Locator, to: Locator): Promise<void> {
  const [start, end] = [await from.boundingBox(), await to.boundingBox()];
  if (!start || !end) throw new Error("what is dragged, or its target, is not in sight");
  const target = { x: end.x + end.width / 2, y: end.y + Math.min(end.height / 2, 60) };
  await page.mouse.move(start.x + start.width / 2, start.y + Math.min(start.height / 2, 16));
  await page.mouse.down();
  await page.mouse.move(start.x + start.width / 2 + 12, start.y + 24, { steps: 3 });
  await page.mouse.move(target.x, target.y, { steps: 8 });
  await page.mouse.up();
}

/** The saved draft, byte for byte. */
export async function draftOf({ web, apiKey, policyId }: OpenBoard): Promise<string> {
  return (await must<{ draft: string }>(200, web, apiKey, "GET", `/policies/${policyId}`)).draft;
}
