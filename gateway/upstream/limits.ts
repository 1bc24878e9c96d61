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

/** Where a ticket is. */
export type Place = "outside" | "waiting" | "inside";

/**
 * One who wants to pass, once. Of `go` and `refuse` at most one is called, and not before `enter` has returned unless there is
 * room at once; neither after `leave`.
 */
export type Ticket = {
  readonly isStanding: boolean;
  readonly bytes: number;
  /** `outside` to begin with; from then on only the gate writes here. */
  place: Place;
  go(): void;
  refuse(): void;
};

export type Gate = {
  /** @returns whether it is inside or may wait; `false` when there is no room even to wait. */
  enter(ticket: Ticket, now: number): boolean;
  /** Whether inside or still waiting. One that has left, or was never let in, changes nothing. */
  leave(ticket: Ticket): void;
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
    ticket.place = "inside";
    ticket.go();
  }

  function forget(ticket: Ticket): void {
    waiting.delete(ticket);
    waitingBytes -= ticket.bytes;
    ticket.place = "outside";
  }

  function next(): void {
    const first = waiting.keys().next().value;
    if (first === undefined || inside >= limits.atOnceMax) return;
    forget(first);
    goIn(first);
  }

  return {
    enter(ticket, now) {
      if (ticket.isStanding ? standing < limits.standingMax : inside < limits.atOnceMax && waiting.size === 0) {
        goIn(ticket);
        return true;
      }
      const isFull = waiting.size >= limits.waitingMax || waitingBytes + ticket.bytes > limits.waitingBytesMax;
      if (ticket.isStanding || isFull) return false;
      waiting.set(ticket, now);
      waitingBytes += ticket.bytes;
      ticket.place = "waiting";
      return true;
    },
    leave(ticket) {
      if (ticket.place === "outside") return;
      if (ticket.place === "waiting") {
        forget(ticket);
        return;
      }
      ticket.place = "outside";
      if (ticket.isStanding) standing -= 1;
      else inside -= 1;
      // Not within the words that the one who leaves is saying.
      if (waiting.size > 0) queueMicrotask(next);
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
