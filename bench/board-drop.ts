// How long from letting a card go until it is painted in its new lane, on the board of a server with 401 tools, in a real
// browser. Against a production build that this starts itself on an empty installation, or WEB=http://127.0.0.1:3000.
// npx tsx bench/board-drop.ts [tools.json] [drops]; the file is an answer of tools/list, without it 401 tools are made up.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "@playwright/test";
import { chromiumLaunch } from "../e2e/harness/chromium.ts";
import { must, type RegisteredServer, signUp } from "../e2e/harness/management.ts";
import { startPolicyLayer } from "../e2e/harness/processes.ts";
import { freePort } from "../prisma/free-port.ts";

const [listFile, dropsWanted = "48"] = process.argv.slice(2);
const drops = Number(dropsWanted);
const warmUps = 6;
const targetMs = 100;
const cardsMax = 300;

const folder = await mkdtemp(path.join(tmpdir(), "policylayer-bench-"));
const own = process.env.WEB ? null : await startOwn();
const web = process.env.WEB ?? own?.webUrl ?? "";
const browser = await chromium.launch(chromiumLaunch);
try {
  const account = await signUp(web);
  const server = await register(account.apiKey, listFile ?? (await madeUpList()));
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  // What runs this file wraps inner functions in a helper that the page does not have.
  await page.addInitScript({ content: "globalThis.__name ??= (named) => named" });
  await page.addInitScript(watchDrops);
  await page.goto(`${web}/signin`);
  await page.getByLabel("Email").fill(account.email);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/signin"));

  console.log(`${server.tools.length} tools, ${drops} drops after ${warmUps} to warm up, panel with the JSON open`);
  const names = server.tools.map(({ name }) => name);
  const results = [];
  for (const [what, document] of [
    ["a draft that denies all", { version: "1", default: "deny" }],
    ["a draft with a rule for every tool", { version: "1", default: "deny", tools: ruleForEach(names) }],
  ] as const) {
    const { id } = await must<{ id: string }>(201, web, account.apiKey, "POST", `/servers/${server.id}/policies`, {
      name: what,
      document,
    });
    for (const by of ["mouse", "keys"] as const) {
      await page.goto(`${web}/policies/${id}`);
      await page.locator("[data-tool-card]").first().waitFor();
      await page.waitForTimeout(1_000);
      results.push(await measure(page, by));
      console.log(`  ${what}, by ${by}: ${summary(results.at(-1)?.times ?? [])}`);
    }
  }
  const times = results.flatMap((result) => result.times);
  const cards = Math.max(...results.map((result) => result.cards));
  console.log(`drop → painted: ${summary(times)} (target: p95 under ${targetMs} ms)`);
  console.log(`cards in the page: at most ${cards} (target: under ${cardsMax})`);
  process.exitCode = at(times, 0.95) < targetMs && cards < cardsMax ? 0 : 1;
} finally {
  await browser.close();
  await own?.stop();
  await rm(folder, { recursive: true, force: true });
}

async function measure(page: Page, by: "mouse" | "keys"): Promise<{ times: number[]; cards: number }> {
  const times: number[] = [];
  let cards = 0;
  for (let nth = 0; nth < warmUps + drops; nth++) {
    // There and back, so that lanes stay as full as they were.
    const [from, to] = nth % 2 === 0 ? (["deny", "limit"] as const) : (["limit", "deny"] as const);
    const card = page.locator(`[data-lane=${from}] [data-tool-card]`).first();
    const name = (await card.getAttribute("data-tool-card")) ?? "";
    await page.evaluate(([tool, lane]) => window.expectDrop(tool ?? "", lane ?? ""), [name, to]);
    if (by === "mouse") await dragTo(page, name, to);
    else await carryTo(page, name, to);
    const ms = await page.evaluate(() => window.dropped);
    if (nth >= warmUps) times.push(ms);
    cards = Math.max(cards, await page.locator("[data-tool-card]").count());
    await page.waitForTimeout(150);
  }
  return { times, cards };
}

async function dragTo(page: Page, tool: string, lane: string): Promise<void> {
  const card = page.locator(`[data-tool-card="${tool}"]`);
  await card.scrollIntoViewIfNeeded();
  const from = await card.boundingBox();
  const to = await page.locator(`section[data-lane=${lane}]`).boundingBox();
  if (!from || !to) throw new Error(`${tool} or the lane ${lane} is not in sight`);
  await page.mouse.move(from.x + from.width / 2, from.y + 14);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2 + 10, from.y + 24, { steps: 2 });
  await page.mouse.move(to.x + to.width / 2, to.y + 200, { steps: 6 });
  await page.mouse.up();
}

async function carryTo(page: Page, tool: string, lane: string): Promise<void> {
  await page.locator(`[data-card-name="${tool}"]`).focus();
  await page.keyboard.press("Space");
  for (let step = 0; step < 2; step++) await page.keyboard.press(lane === "limit" ? "ArrowLeft" : "ArrowRight");
  await page.waitForTimeout(50);
  await page.keyboard.press("Space");
}

declare global {
  interface Window {
    expectDrop: (tool: string, lane: string) => void;
    /** Milliseconds from the event that drops until the frame after the card is in its lane. */
    dropped: Promise<number>;
  }
}

/** Runs in the page. The event's own time is when the browser got it: what keeps it waiting counts. */
function watchDrops() {
  window.expectDrop = (tool, lane) => {
    let from: number | null = null;
    window.dropped = new Promise((resolve) => {
      const note = (event: Event) => {
        if (event instanceof KeyboardEvent && event.code !== "Space") return;
        from = event.timeStamp;
      };
      for (const kind of ["mouseup", "keydown"]) window.addEventListener(kind, note, { capture: true });
      const place = `section[data-lane=${lane}] [data-tool-card="${tool}"]`;
      const look = () => {
        if (from === null || document.querySelector(place) === null) return void requestAnimationFrame(look);
        const start = from;
        for (const kind of ["mouseup", "keydown"]) window.removeEventListener(kind, note, { capture: true });
        // This frame draws it; by the next it is on the screen.
        requestAnimationFrame(() => resolve(performance.now() - start));
      };
      requestAnimationFrame(look);
    });
  };
}

async function startOwn() {
  return startPolicyLayer({
    dataDir: path.join(folder, "data"),
    ports: { web: await freePort(), gateway: await freePort(), gatewayAdmin: await freePort() },
    env: { ALLOW_STDIO: "1" },
  });
}

function register(apiKey: string, list: string): Promise<RegisteredServer> {
  const lister = fileURLToPath(new URL("./tool-list-server.ts", import.meta.url));
  return must<RegisteredServer>(201, web, apiKey, "POST", "/servers", {
    name: "many tools",
    transport: "stdio",
    command: process.execPath,
    args: ["--import", import.meta.resolve("tsx"), lister, path.resolve(list)],
  });
}

/** 401 tools with names, descriptions and schemas of the length that large servers have. */
async function madeUpList(): Promise<string> {
  const verbs = ["list", "get", "create", "update", "delete", "restart", "purchase", "enable"];
  const nouns = ["Domain", "Snapshot", "Backup", "Invoice", "FirewallRule", "Subscription", "Mailbox", "Website"];
  const tools = Array.from({ length: 401 }, (_, nth) => {
    const name = `${nouns[(nth >> 3) % 8]?.toLowerCase()}_${verbs[nth % 8]}${nouns[(nth >> 3) % 8]}V${1 + (nth >> 6)}`;
    const field = (type: string, about: string) => ({
      type,
      description: `${about} of the resource, as its list names it`,
    });
    return {
      name,
      description: `${verbs[nth % 8]} a resource by its identifier. ${"Use this endpoint to manage what a customer has. ".repeat(6)}`,
      inputSchema: {
        type: "object",
        properties: {
          id: field("integer", "Identifier"),
          name: field("string", "Name"),
          plan: { type: "string", enum: ["small", "medium", "large"] },
          amount: field("number", "Amount"),
        },
        required: ["id"],
      },
    };
  });
  const file = path.join(folder, "tools.json");
  await writeFile(file, JSON.stringify({ tools }));
  return file;
}

function ruleForEach(names: readonly string[]): Record<string, unknown> {
  const rule = (name: string, nth: number) =>
    nth % 3 === 0
      ? { action: "deny" }
      : { limits: [{ counter: `${name}_rate`, window: "minute", max: 10, scope: "grant" }] };
  return Object.fromEntries(names.map((name, nth) => [name, rule(name, nth)]));
}

function summary(values: readonly number[]): string {
  return `p50 ${at(values, 0.5).toFixed(0)} ms, p95 ${at(values, 0.95).toFixed(0)} ms, max ${at(values, 1).toFixed(0)} ms`;
}

function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
