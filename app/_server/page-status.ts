// A page of Next's says only with a script that it has nothing (`notFound()` leaves the body empty until one has run). A page of
// ours answers with what it shows and says besides that the status is 404; web.ts, whose response it is, writes it.
import { AsyncLocalStorage } from "node:async_hooks";

type Answer = { status: number | null };

const key = Symbol.for("policylayer.page-status");
// On globalThis, because Next bundles this module apart from web.ts.
const shared = globalThis as typeof globalThis & { [key]?: AsyncLocalStorage<Answer> };
shared[key] ??= new AsyncLocalStorage<Answer>();
const answers = shared[key];

/** The page that is being made is about nothing that there is. Has to be said before the page is there. */
export function answerNotFound(): void {
  const answer = answers.getStore();
  if (answer) answer.status = 404;
}

/** Runs a request; `status` tells what its page said, or null. */
export function withPageStatus(run: (status: () => number | null) => void): void {
  const answer: Answer = { status: null };
  answers.run(answer, () => run(() => answer.status));
}
