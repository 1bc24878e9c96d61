// The pages of the attack library: whole without JavaScript, and deciding again with it.
import { expect, test } from "@playwright/test";

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a pattern is there with its calls decided, its policy and its sources", async ({ page }) => {
    await page.goto("/attacks");
    await page.getByRole("link", { name: /^Runaway loops/ }).click();
    await expect(page).toHaveTitle(/^Runaway loops/);
    const calls = page.getByRole("list", { name: "Calls and decisions" }).locator(":scope > li");
    await expect(calls).toHaveCount(14);
    await expect(calls.nth(9)).toContainText("Allowed");
    await expect(calls.nth(10)).toContainText("Limit reached");
    await expect(calls.nth(10)).toContainText("[POLICY DENIED] vm_create_image is limited to 10 calls a minute.");
    await expect(page.getByRole("figure", { name: /^A policy against/ })).toContainText("vm_create_image_rate");
    for (const title of ["How it works on MCP", "How to notice it", "What this cannot do", "Sources"]) {
      await expect(page.getByRole("heading", { name: title })).toBeVisible();
    }
  });

  test("each level and category counts its tools and has a policy", async ({ page }) => {
    for (const path of ["/risk", "/risk/high", "/category/execute"]) {
      const answer = await page.goto(path);
      expect(answer?.status()).toBe(200);
      await expect(page.getByText(/in the catalog/).first()).toBeVisible();
    }
    await expect(page.getByRole("figure", { name: /^A policy for Execute tools/ })).toContainText('"Execute"');
    expect((await page.goto("/risk/none"))?.status()).toBe(404);
    expect((await page.goto("/attacks/none"))?.status()).toBe(404);
  });
});

test("calls are stepped through, and decided again with other arguments and another policy", async ({ page }) => {
  await page.goto("/attacks/excessive-spend");
  const calls = page.getByRole("list", { name: "Calls and decisions" }).locator(":scope > li");
  await page.getByRole("button", { name: "Step through" }).click();
  await expect(calls).toHaveCount(1);
  await page.getByRole("button", { name: "Next call" }).click();
  await expect(calls).toHaveCount(2);
  await page.getByRole("button", { name: "All", exact: true }).click();

  const third = calls.nth(2);
  await expect(third).toContainText("Limit reached");
  await third.locator("summary").click();
  await third.getByRole("textbox").fill('{"instance_type":"small","max_price":5}');
  await third.getByRole("button", { name: "Decide again" }).click();
  await expect(third).toContainText("Allowed");

  await page.getByText("Change the policy, and see what becomes of the calls").click();
  const policy = page.getByRole("textbox", { name: "policy.json" });
  await policy.fill((await policy.inputValue()).replace('"max": 50', '"max": 10'));
  await expect(calls.first()).toContainText("Limit reached");
  await policy.fill((await policy.inputValue()).replace('"max": 10', '"max": "10"'));
  await expect(page.getByText("must be a number, not a text")).toBeVisible();
  await page.getByRole("button", { name: "As it was" }).click();
  await expect(third).toContainText("Limit reached");
});
