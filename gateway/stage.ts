// What comes in one go is done in one go: what a step needs is near the processor for all but the first who takes it, and whoever
// is written to is woken once for all of them.

/**
 * A step that requests take together. What is added while sockets are read is handed over as soon as all that had come is read: in
 * the check phase of the event loop, which follows at once, so nobody waits for others to come.
 */
export class Stage<T> {
  private waiting: T[] = [];
  private readonly goOn: () => void;

  /** @param take Told all who came since it was told last, in their order. What it throws ends the process. */
  constructor(take: (all: readonly T[]) => void) {
    this.goOn = () => {
      const all = this.waiting;
      this.waiting = [];
      take(all);
    };
  }

  add(one: T): void {
    if (this.waiting.push(one) === 1) setImmediate(this.goOn);
  }
}
