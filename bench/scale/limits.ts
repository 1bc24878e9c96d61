import { chance, gap } from "./chance.ts";

export type LimitOrder = { gateways: number; max: number; windowMs: number; callsPerSecond: number; seconds: number };
type Outcome = { admitted: number; mostInWindow: number };

/** All gateways ask the same counter. */
export function sharedCounter(order: LimitOrder): Outcome {
  return admit({ ...order, gateways: 1 }, () => 0);
}

/**
 * Each gateway counts what it sees itself.
 *
 * @param order `skew` 0: each gateway gets as many calls as the others; above, the n-th gets a share of 1/n^skew.
 */
export function localCounters(order: LimitOrder & { skew: number }): Outcome {
  const shares = Array.from({ length: order.gateways }, (_, n) => 1 / (n + 1) ** order.skew);
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const random = chance(2);
  return admit(order, () => {
    let left = random() * whole;
    const found = shares.findIndex((share) => {
      left -= share;
      return left < 0;
    });
    return found < 0 ? 0 : found;
  });
}

function admit(order: LimitOrder, gatewayOf: () => number): Outcome {
  const { gateways, max, windowMs, callsPerSecond, seconds } = order;
  const random = chance(3);
  const seen = Array.from({ length: gateways }, () => [] as number[]);
  const all: number[] = [];
  let mostInWindow = 0;
  for (let atMs = 0; atMs < seconds * 1_000; atMs += gap(random, callsPerSecond) * 1_000) {
    const own = seen[gatewayOf()] ?? [];
    while (own[0] !== undefined && own[0] <= atMs - windowMs) own.shift();
    if (own.length >= max) continue;
    own.push(atMs);
    all.push(atMs);
  }
  for (let first = 0, last = 0; last < all.length; last++) {
    while ((all[last] ?? 0) - (all[first] ?? 0) >= windowMs) first++;
    mostInWindow = Math.max(mostInWindow, last - first + 1);
  }
  return { admitted: all.length, mostInWindow };
}
