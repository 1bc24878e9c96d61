// Long work beside calls: done in steps, with the calls that came meanwhile between them.
import { performance } from "node:perf_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";

/** Less than this is worth no break. */
const sliceMs = 1.5;

/** Does the steps, with breaks. A step is never cut, so the longest one is what others wait. */
export async function inSlices<T>(steps: Iterator<undefined, T>): Promise<T> {
  const breathe = breather();
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await breathe();
  }
}

/** Does all the steps at once. */
export function atOnce<T>(steps: Iterator<undefined, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** @returns What is to be waited for between two steps: it lets others go first when it was called long ago. */
export function breather(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < sliceMs) return;
    return nextTurn().then(() => {
      since = performance.now();
    });
  };
}
