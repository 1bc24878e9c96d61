// What is open between one client and its server: requests whose answer is due, and questions that the server asked. In memory
// only: a stream that is resumed later brings the id of its request along, sealed into its event ids.

export type Dialogue = {
  due: DueRequests;
  /** Ids of the server's questions that reached the client. */
  asked: Set<string>;
};

export type Due = {
  /** An exchange waits for the answer; otherwise it may still come by another stream. */
  isOpen: boolean;
  /** The tool that is called; null for other requests. */
  tool: string | null;
};

/**
 * Requests whose answer is due, by their ids as JSON text. Mostly there is one at a time, and that has a place of its own: a Map
 * gets a new table when its last entry goes, with every call, and those tables hold on to one another (roster.ts).
 */
export class DueRequests {
  private firstId: string | null = null;
  private first: Due | undefined = undefined;
  private readonly more = new Map<string, Due>();

  get(id: string): Due | undefined {
    return id === this.firstId ? this.first : this.more.get(id);
  }

  set(id: string, due: Due): void {
    if (id !== this.firstId && (this.firstId !== null || this.more.has(id))) {
      this.more.set(id, due);
      return;
    }
    this.firstId = id;
    this.first = due;
  }

  delete(id: string): void {
    if (id !== this.firstId) {
      this.more.delete(id);
      return;
    }
    this.firstId = null;
    this.first = undefined;
  }

  get size(): number {
    return this.more.size + (this.firstId === null ? 0 : 1);
  }

  /** Forgets those for which nobody waits any more. */
  forgetLeft(): void {
    if (this.firstId !== null && this.first?.isOpen === false) this.delete(this.firstId);
    for (const [id, { isOpen }] of this.more) if (!isOpen) this.more.delete(id);
  }
}

export type Dialogues = {
  /** @param tag The session's. */
  of(tag: string): Dialogue;
};

const dialoguesMax = 10_000;
const dueMax = 1_024;
export const askedMax = 256;

export function openDialogues(): Dialogues {
  const dialogues = new Map<string, Dialogue>();
  return {
    of(tag) {
      let dialogue = dialogues.get(tag);
      if (dialogue === undefined) {
        dialogue = { due: new DueRequests(), asked: new Set() };
        if (dialogues.size >= dialoguesMax) dropOldest(dialogues);
        dialogues.set(tag, dialogue);
      }
      return dialogue;
    },
  };
}

/** Notes a request that leaves. @returns `false` when one with the same id is under way. */
export function isNowDue({ due }: Dialogue, id: string, tool: string | null): boolean {
  if (due.get(id)?.isOpen || due.size >= dueMax + dueMax) return false;
  if (due.size >= dueMax) due.forgetLeft();
  due.set(id, { isOpen: true, tool });
  return true;
}

/** The exchange is over. If the answer has not come it may still, by another stream. */
export function leave({ due }: Dialogue, id: string): void {
  const one = due.get(id);
  if (one !== undefined) one.isOpen = false;
}

function dropOldest(map: Map<string, unknown>): void {
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}

/** One spelling for each id. @param id JSON text. */
export function sameId(id: string): string {
  return id.includes("\\") ? JSON.stringify(JSON.parse(id)) : id;
}
