import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { evaluate } from "./evaluate.ts";
import { explain } from "./explain.ts";
import { generateCall, generateDocument, pick, type Random, randomOf, startTime } from "./generate.test-support.ts";
import { parsePolicy } from "./parse.ts";

// Many runs, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 120_000 });

const runs = 10_000;

function sources(): string[] {
  const folder = new URL("./cases/", import.meta.url);
  const cases = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));
  return cases.flatMap(({ document, text }) => text ?? (document ? JSON.stringify(document, null, 2) : []));
}

/** Bytes changed, dropped, doubled, inserted or moved; the result need not even be UTF-8. */
function mutated(random: Random, source: Uint8Array): Uint8Array {
  const bytes = [...source];
  const words = ['"', "{", "}", "[", "]", ",", ":", "\\u0000", "1e999", "-", "0", "null", '"tools"', "\u2028", '"*"'];
  for (let times = 1 + Math.floor(random() * 4); times > 0; times -= 1) {
    const at = Math.floor(random() * bytes.length);
    const length = Math.floor(random() * 8);
    const kind = Math.floor(random() * 5);
    if (kind === 0) bytes[at] = Math.floor(random() * 256);
    else if (kind === 1) bytes.splice(at, length);
    else if (kind === 2) bytes.splice(at, 0, ...bytes.slice(at, at + length * 4));
    else if (kind === 3) bytes.splice(at, 0, ...new TextEncoder().encode(pick(random, words)));
    else bytes.splice(at, 0, ...bytes.splice(Math.floor(random() * bytes.length), length));
  }
  return Uint8Array.from(bytes);
}

describe("a document with bytes changed", () => {
  it("is either refused with places in the text, or is what JSON says it is", () => {
    const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 4_294_967_296);
    const random = randomOf(seed);
    const texts = sources().map((text) => new TextEncoder().encode(text));
    const state = { frozen: false, definitionChanged: false };
    let taken = 0;
    for (let run = 0; run < runs; run += 1) {
      const source =
        run % 4 === 0 ? new TextEncoder().encode(JSON.stringify(generateDocument(random))) : pick(random, texts);
      const text = new TextDecoder().decode(mutated(random, source));
      const because = `seed ${seed}, run ${run}: ${JSON.stringify(text)}`;
      const parsed = parsePolicy(text);
      for (const { from, to, line, message } of parsed.problems) {
        if (from === undefined || to === undefined || line === undefined || message === "") throw new Error(because);
        if (from < 0 || to < from || to > text.length || line > text.split("\n").length) throw new Error(because);
      }
      if (!parsed.ok) {
        expect(
          parsed.problems.some(({ severity }) => severity === "error"),
          because,
        ).toBe(true);
        continue;
      }
      taken += 1;
      expect(JSON.stringify(parsed.document), because).toBe(JSON.stringify(JSON.parse(text)));
      expect(evaluate(parsed.policy, generateCall(random, startTime), state).rule, because).not.toBe("(fault)");
      expect(explain(parsed.policy).length, because).toBeGreaterThan(0);
    }
    console.info(`seed ${seed}: ${runs} mutated documents, ${taken} still policies`);
    expect(taken).toBeGreaterThan(runs / 100);
  });
});
