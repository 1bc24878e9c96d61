// How much of one server's work may be under way at once, and what waits for its turn. A server that hangs fills its own gate
// and nobody else's.

export type GateLimits = {
  /** Requests under way. */
  atOnceMax: number;
  /** Streams that a client only listens on: they are open for ever, and work would starve behind them. */
  standingMax: number;
  /** Requests that wait for their turn, and the bytes of their bodies. */
  waitingMax: number;
  waitingBytesMax: number;
  waitMsMax: number;
};

export const gateLimits: GateLimits = {
  atOnceMax: 256,
  standingMax: 2_000,
  waitingMax: 512,
  waitingBytesMax: 32 * 1024 * 1024,
  waitMsMax: 10_000,
};

/** One who wants to pass. Exactly one of the two is called, and not before `enter` has returned unless there is room at once. */
export type Ticket = { isStanding: boolean; bytes: number; go(): void; refuse(): void };

export type Gate = {
  /** @returns how to leave, whether inside or still waiting; null when there is no room even to wait. */
  enter(ticket: Ticket, now: number): (() => void) | null;
  /** Sends away who has waited too long. Called now and then for all gates: a timer for each call would cost more than the call. */
  sweep(now: number): void;
  readonly waiting: number;
};

export function openGate(limits: GateLimits = gateLimits): Gate {
  let inside = 0;
  let standing = 0;
  let waitingBytes = 0;
  /** In order of arrival. */
  const waiting = new Map<Ticket, number>();

  function goIn(ticket: Ticket): void {
    if (ticket.isStanding) standing += 1;
    else inside += 1;
    ticket.go();
  }

  function forget(ticket: Ticket): boolean {
    if (!waiting.delete(ticket)) return false;
    waitingBytes -= ticket.bytes;
    return true;
  }

  function next(): void {
    const first = waiting.keys().next().value;
    if (first === undefined || inside >= limits.atOnceMax) return;
    forget(first);
    goIn(first);
  }

  function leaver(ticket: Ticket): () => void {
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      if (forget(ticket)) return;
      if (ticket.isStanding) standing -= 1;
      else inside -= 1;
      // Not within the words that the one who leaves is saying.
      queueMicrotask(next);
    };
  }

  return {
    enter(ticket, now) {
      if (ticket.isStanding ? standing < limits.standingMax : inside < limits.atOnceMax && waiting.size === 0) {
        goIn(ticket);
        return leaver(ticket);
      }
      const isFull = waiting.size >= limits.waitingMax || waitingBytes + ticket.bytes > limits.waitingBytesMax;
      if (ticket.isStanding || isFull) return null;
      waiting.set(ticket, now);
      waitingBytes += ticket.bytes;
      return leaver(ticket);
    },
    sweep(now) {
      for (const [ticket, since] of waiting) {
        if (now - since < limits.waitMsMax) return;
        forget(ticket);
        ticket.refuse();
      }
    },
    get waiting() {
      return waiting.size;
    },
  };
}
