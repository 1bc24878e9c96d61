// The policy of the page this product was asked for, built by dragging in an empty draft, and enforced on a real client.
import { expect, type Page, test } from "@playwright/test";
import { announced, cardOf, draftOf, drag, handleOf, laneOf, type OpenBoard, openEmptyBoard } from "./harness/board.ts";
import { connectAuto, decisionOf, textOf } from "./harness/clients.ts";
import { addGrant, arrivedCalls, seedPolicy } from "./harness/management.ts";

const web = `http://127.0.0.1:${process.env.PORT ?? 3900}`;

test("the seed's policy is dragged together, published, and limits a client at its eleventh call", async ({
  page,
}, testInfo) => {
  test.setTimeout(120_000);
  const board = await openEmptyBoard(page, web, testInfo.outputPath("arrived.jsonl"));
  const before = await draftOf(board);

  await find(page, "vm_create_image");
  await drag(page, cardOf(page, "vm_create_image"), laneOf(page, "Limit"));
  const limited = laneOf(page, "Limit").getByRole("article", { name: "vm_create_image", exact: true });
  await expect(limited.getByRole("button", { name: "vm_create_image: 10 a minute" })).toBeVisible();
  await expect(announced(page)).toHaveText("Dropped in Limit: at most 10 a minute.");
  await expect.poll(async () => JSON.parse(await draftOf(board))).toEqual(JSON.parse(seedPolicy));

  // Undo is the old text, byte for byte.
  const dragged = await draftOf(board);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => draftOf(board)).toBe(before);
  await expect(laneOf(page, "Deny").getByRole("article", { name: "vm_create_image", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Redo" }).click();
  await expect.poll(() => draftOf(board)).toBe(dragged);

  await publish(page);
  await expectLimitAtEleventh(board);
});

test("a selection and a whole category move in one step", async ({ page }, testInfo) => {
  const board = await openEmptyBoard(page, web, testInfo.outputPath("arrived.jsonl"));
  const before = await draftOf(board);

  // A selection is made with Ctrl and a click, and moves with whichever of its cards is dragged.
  await find(page, "vm_st");
  for (const tool of ["vm_start", "vm_stop", "vm_status"]) {
    await handleOf(page, tool).click({ modifiers: ["ControlOrMeta"] });
  }
  await expect(page.getByRole("group", { name: "Selected tools" })).toContainText("3 selected");
  await drag(page, cardOf(page, "vm_stop"), laneOf(page, "Ask a person"));
  for (const tool of ["vm_start", "vm_stop", "vm_status"]) {
    await expect(laneOf(page, "Ask a person").getByRole("article", { name: tool, exact: true })).toBeVisible();
  }
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => draftOf(board)).toBe(before);

  // All of a category, by the head of its group.
  await find(page, "");
  await page.getByRole("button", { name: "Clear the selection" }).click();
  await page.getByRole("button", { name: "Group by category" }).click();
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByRole("menuitemcheckbox", { name: "Read" }).click();
  await page.keyboard.press("Escape");
  const reads = page.getByRole("button", { name: /^All \d+ Read tools in Deny$/ });
  const count = Number((await reads.getAttribute("aria-label"))?.match(/\d+/)?.[0]);
  await drag(page, reads, laneOf(page, "Limit"));
  await expect(announced(page)).toHaveText(`${count} tools dropped in Limit.`);
  await expect(laneOf(page, "Limit")).toHaveAccessibleName(`Limit, ${count} tools`);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => draftOf(board)).toBe(before);
});

test("blocks are dropped on cards and rules, edited in place, and offered only where they make sense", async ({
  page,
}, testInfo) => {
  const board = await openEmptyBoard(page, web, testInfo.outputPath("arrived.jsonl"));

  // The editor of a new block opens at its chip, ready to be typed into.
  await find(page, "vm_create_image");
  await drag(page, block(page, "Rate limit"), cardOf(page, "vm_create_image"));
  const editor = page.getByRole("dialog", { name: "Block of vm_create_image" });
  await expect(editor).toBeVisible();
  await expect(editor.locator("input").first()).toBeFocused();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("7");
  await page.keyboard.press("Tab"); // Escape in the field itself would take the typing back
  await page.keyboard.press("Escape");
  await expect(editor).toBeHidden();
  const chip = laneOf(page, "Limit").getByRole("button", { name: "vm_create_image: 7 a minute" });
  await expect(chip).toBeFocused();

  // A tool without a number has nothing that could be added up.
  await drag(page, block(page, "Spend limit"), cardOf(page, "vm_create_image"));
  await expect(announced(page)).toHaveText("Not dropped: vm_create_image takes no number to add up.");

  // A rule for all tools takes blocks as a card does.
  await drag(page, block(page, "Rate limit"), page.locator('[data-rule="/all_tools"]'));
  await expect(page.getByRole("dialog", { name: "Block of all tools" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect
    .poll(async () => JSON.parse(await draftOf(board)))
    .toMatchObject({
      all_tools: { limits: [{ window: "minute", max: 30 }] },
      tools: { vm_create_image: { limits: [{ window: "minute", max: 7 }] } },
    });

  // Everything also without dragging, from the card's menu.
  await page.getByRole("button", { name: "Menu of vm_create_image" }).click();
  await page.getByRole("menuitem", { name: "Add block…" }).hover();
  await expect(page.getByRole("menuitem", { name: /^Spend limit/ })).toBeDisabled();
  await page.getByRole("menuitem", { name: "Remove its rule" }).click();
  await expect(laneOf(page, "Deny").getByRole("article", { name: "vm_create_image", exact: true })).toContainText(
    "by default",
  );
});

test("on a phone a lane is a drop zone by its name, and a finger that moves at once scrolls", async ({
  browser,
}, testInfo) => {
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, baseURL: web });
  const page = await phone.newPage();
  await openEmptyBoard(page, web, testInfo.outputPath("arrived.jsonl"));
  const card = cardOf(page, "spawn");
  const finger = await fingerOf(page);

  const list = laneOf(page, "Deny").locator("[data-lane-scroll]");
  const [from, lane] = [await middleOf(card), page.getByRole("button", { name: "Allow 0" })];
  await finger.swipe(from, { x: from.x, y: from.y - 200 });
  await expect.poll(() => list.evaluate((element) => element.scrollTop)).toBeGreaterThan(20);
  await expect(page.getByRole("button", { name: "Deny 26" })).toBeVisible();

  await list.evaluate((element) => element.scrollTo({ top: 0 }));
  await finger.holdAndDrag(await middleOf(card), await middleOf(lane));
  await expect(page.getByRole("button", { name: "Allow 1" })).toBeVisible();
  await expect(announced(page)).toHaveText("Dropped in Allow.");

  // The same by the menu, which unfolds where there is no room beside it.
  await cardOf(page, "send")
    .getByRole("button", { name: /^Menu of send/ })
    .tap();
  await page.getByRole("menuitem", { name: "Move to…" }).tap();
  const choice = page.getByRole("menuitem", { name: "Ask a person" });
  await expect(choice).toBeInViewport({ ratio: 1 });
  await choice.tap();
  await expect(page.getByRole("button", { name: "Ask 1" })).toBeVisible();
  await phone.close();
});

async function find(page: Page, text: string): Promise<void> {
  await page.getByRole("searchbox", { name: "Search tools" }).fill(text);
  if (text) await expect(page.locator("[data-tool-card]").first()).toContainText(text);
}

function block(page: Page, label: string) {
  return page.getByRole("group", { name: "Blocks" }).getByRole("button", { name: label, exact: true });
}

async function publish(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Publish", exact: true }).click();
  await expect(page.getByText(/Version 2 is live on 1 of 1 gateways in \d+ ms/).first()).toBeVisible();
}

async function expectLimitAtEleventh(board: OpenBoard): Promise<void> {
  const grant = await addGrant(web, board.apiKey, board.serverId, board.policyId);
  const client = await connectAuto(grant.gatewayUrl, grant.token);
  for (let call = 1; call <= 10; call++) {
    const answer = await client.call("vm_create_image", { identifier: "vm-1", imageName: `image-${call}` });
    expect(answer.isError).toBeFalsy();
  }
  const eleventh = await client.call("vm_create_image", { identifier: "vm-1", imageName: "image-11" });
  expect(textOf(eleventh)).toMatch(/^\[POLICY DENIED\] .* Try again in \d+ s\.$/);
  expect(decisionOf(eleventh)).toMatchObject({ code: "rate_limited", rule: "/tools/vm_create_image/limits/0" });
  expect(decisionOf(await client.call("vm_list")).code).toBe("default_deny");
  await client.close();
  expect((await arrivedCalls(board.record)).map((call) => call.name)).toEqual(Array(10).fill("vm_create_image"));
}

type Point = { x: number; y: number };

async function middleOf(element: ReturnType<Page["locator"]>): Promise<Point> {
  const box = await element.boundingBox();
  if (!box) throw new Error("not in sight");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Touches as the browser gets them from a screen. */
async function fingerOf(page: Page) {
  const browser = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", at?: Point) =>
    browser.send("Input.dispatchTouchEvent", { type, touchPoints: at ? [at] : [] });
  async function go(from: Point, to: Point) {
    for (let step = 1; step <= 10; step++) {
      await touch("touchMove", {
        x: from.x + ((to.x - from.x) * step) / 10,
        y: from.y + ((to.y - from.y) * step) / 10,
      });
    }
    await touch("touchEnd");
  }
  return {
    async swipe(from: Point, to: Point) {
      await touch("touchStart", from);
      await go(from, to);
    },
    async holdAndDrag(from: Point, to: Point) {
      await touch("touchStart", from);
      await page.waitForTimeout(350); // longer than a finger rests that means to scroll
      await go(from, to);
    },
  };
}
