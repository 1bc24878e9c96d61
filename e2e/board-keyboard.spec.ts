// The board without a mouse and without a screen: only keys, and what a screen reader is told.
import { expect, type Page, test } from "@playwright/test";
import { announced, draftOf, handleOf, laneOf, openEmptyBoard } from "./harness/board.ts";
import { connectAuto, decisionOf, textOf } from "./harness/clients.ts";
import { addGrant, arrivedCalls, seedPolicy } from "./harness/management.ts";

const web = `http://127.0.0.1:${process.env.PORT ?? 3900}`;

test("the seed's policy is built, published and undone with keys alone, and every step is said", async ({
  page,
}, testInfo) => {
  test.setTimeout(120_000);
  const board = await openEmptyBoard(page, web, testInfo.outputPath("arrived.jsonl"));
  const before = await draftOf(board);

  // `/` goes to the search; Tab from there comes to the only card that is left.
  await page.keyboard.press("/");
  await page.keyboard.type("vm_create_image");
  await expect(page.locator("[data-tool-card]")).toHaveCount(1);
  const card = handleOf(page, "vm_create_image");
  await tabTo(page, "vm_create_image,");

  // Escape changes nothing.
  await page.keyboard.press("Space");
  await expect(announced(page)).toHaveText("Picked up vm_create_image. It is in Deny.");
  await page.keyboard.press("ArrowLeft");
  await expect(announced(page)).toHaveText("Over Ask a person.");
  await page.keyboard.press("Escape");
  await expect(announced(page)).toHaveText("Cancelled. vm_create_image stays in Deny.");
  expect(await draftOf(board)).toBe(before);

  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await expect(announced(page)).toHaveText("Over Limit.");
  await page.keyboard.press("Space");
  await expect(announced(page)).toHaveText("Dropped in Limit: at most 10 a minute.");
  await expect(card).toBeFocused();
  await expect(card).toHaveAccessibleName("vm_create_image, Execute, high risk, Limit");
  await expect.poll(async () => JSON.parse(await draftOf(board))).toEqual(JSON.parse(seedPolicy));
  const built = await draftOf(board);

  await page.keyboard.press("ControlOrMeta+z");
  await expect.poll(() => draftOf(board)).toBe(before);
  await page.keyboard.press("ControlOrMeta+Shift+z");
  await expect.poll(() => draftOf(board)).toBe(built);

  await tabTo(page, "Publish", "backwards");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  await tabTo(page, "Publish");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/Version 2 is live on 1 of 1 gateways in \d+ ms/).first()).toBeVisible();

  const grant = await addGrant(web, board.apiKey, board.serverId, board.policyId);
  const client = await connectAuto(grant.gatewayUrl, grant.token);
  for (let call = 1; call <= 10; call++) {
    const answer = await client.call("vm_create_image", { identifier: "vm-1", imageName: `image-${call}` });
    expect(answer.isError).toBeFalsy();
  }
  const eleventh = await client.call("vm_create_image", { identifier: "vm-1", imageName: "image-11" });
  expect(textOf(eleventh)).toMatch(/^\[POLICY DENIED\] /);
  expect(decisionOf(eleventh)).toMatchObject({ code: "rate_limited", rule: "/tools/vm_create_image/limits/0" });
  await client.close();
  expect((await arrivedCalls(board.record)).length).toBe(10);
});

test("a block is carried to a card, edited and left again, and a refusal says why", async ({ page }, testInfo) => {
  const board = await openEmptyBoard(page, web, testInfo.outputPath("arrived.jsonl"));
  await page.keyboard.press("/");
  await page.keyboard.type("vm_create");
  await expect(page.locator("[data-tool-card]")).toHaveCount(2);

  await tabTo(page, "Argument must be…");
  await page.keyboard.press("Enter");
  await expect(announced(page)).toHaveText("Picked up the block Argument must be…. Over vm_create, in Deny.");
  await page.keyboard.press("ArrowDown");
  await expect(announced(page)).toHaveText("Over vm_create_image, in Deny.");
  await page.keyboard.press("ArrowUp");
  await expect(announced(page)).toHaveText("Over vm_create, in Deny.");
  await page.keyboard.press("ArrowUp");
  await expect(announced(page)).toHaveText("Over the rule for All tools.");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(announced(page)).toHaveText(/^Dropped on vm_create\. It is in Allow: /);
  const editor = page.getByRole("dialog", { name: "Block of vm_create" });
  await expect(editor).toBeVisible();
  expect(await editor.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  await page.keyboard.press("Escape");
  await expect(editor).toBeHidden();
  await expect(page.locator("[data-block]:focus")).toHaveCount(1);
  await expect.poll(() => draftOf(board)).toContain('"require"');

  await page.keyboard.press("/");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("vm_create_image");
  await expect(page.locator("[data-tool-card]")).toHaveCount(1);
  await tabTo(page, "Spend limit");
  await page.keyboard.press("Space");
  await expect(announced(page)).toHaveText(/Not possible: vm_create_image takes no number to add up\.$/);
  await page.keyboard.press("Space");
  await expect(announced(page)).toHaveText("Not dropped: vm_create_image takes no number to add up.");
});

test("arrow keys go from card to card, and mark them", async ({ page }, testInfo) => {
  const board = await openEmptyBoard(page, web, testInfo.outputPath("arrived.jsonl"));
  await handleOf(page, "spawn").focus();
  // Further than the lane shows at once.
  await page.keyboard.press("End");
  await expect(page.locator("[data-card-name]:focus")).toHaveAttribute("data-card-name", "vm_bulk_create");
  await page.keyboard.press("Home");
  await expect(handleOf(page, "spawn")).toBeFocused();
  await page.keyboard.press("Shift+ArrowDown");
  await expect(announced(page)).toHaveText("2 selected.");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("x");
  await expect(announced(page)).toHaveText(/selected\. 3 selected\.$/);
  await page.keyboard.press("Space");
  await expect(announced(page)).toHaveText("Picked up 3 tools. They are in Deny.");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  await expect(announced(page)).toHaveText("3 tools dropped in Hide.");
  await expect(laneOf(page, "Hide")).toHaveAccessibleName("Hide, 3 tools");
  await expect.poll(async () => JSON.parse(await draftOf(board)).hide?.length).toBe(3);
  await page.keyboard.press("Escape");
  await expect(announced(page)).toHaveText("Nothing selected.");

  // The way without dragging.
  await page.keyboard.press("m");
  await expect(page.getByRole("menuitem", { name: "Move to…" })).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect(announced(page)).toHaveText("Dropped in Allow.");
  await expect(laneOf(page, "Allow")).toHaveAccessibleName("Allow, 1 tool");
  await expect(page.locator("[data-card-name]:focus")).toHaveCount(1);
});

/** Presses Tab until the button whose name begins so has the focus. */
async function tabTo(page: Page, name: string, way: "forwards" | "backwards" = "forwards"): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press(way === "forwards" ? "Tab" : "Shift+Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute("aria-label") ?? element?.textContent ?? "";
    });
    if (focused.trim().startsWith(name)) return;
  }
  throw new Error(`Tab does not come to "${name}"`);
}
