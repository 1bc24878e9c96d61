// What is open between one client and its server: requests whose answer is due, and questions that the server asked. In memory
// only: a stream that is resumed later brings the id of its request along, sealed into its event ids.

export type Dialogue = {
  /** By ids of requests, as JSON text. */
  due: Map<string, Due>;
  /** Ids of the server's questions that reached the client. */
  asked: Set<string>;
};

export type Due = {
  /** An exchange waits for the answer; otherwise it may still come by another stream. */
  isOpen: boolean;
  /** The tool that is called; null for other requests. */
  tool: string | null;
};

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
        dialogue = { due: new Map(), asked: new Set() };
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
  if (due.size >= dueMax) forgetLeft(due);
  due.set(id, { isOpen: true, tool });
  return true;
}

/** The exchange is over. If the answer has not come it may still, by another stream. */
export function leave({ due }: Dialogue, id: string): void {
  const one = due.get(id);
  if (one !== undefined) one.isOpen = false;
}

function forgetLeft(due: Dialogue["due"]): void {
  for (const [id, { isOpen }] of due) if (!isOpen) due.delete(id);
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
