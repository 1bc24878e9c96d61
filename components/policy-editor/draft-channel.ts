// Tabs of one browser tell each other that a draft was saved, so that none of them waits until it asks the server.

export type DraftChannel = { tell: () => void; close: () => void };

/** `onSaved` hears of every other channel of the browser, also of those in the same tab, and not of its own. */
export function openDraftChannel(policyId: string, onSaved?: () => void): DraftChannel {
  if (typeof BroadcastChannel === "undefined") return { tell: () => undefined, close: () => undefined };
  const channel = new BroadcastChannel(`policylayer-draft-${policyId}`);
  if (onSaved) channel.addEventListener("message", onSaved);
  return { tell: () => channel.postMessage("saved"), close: () => channel.close() };
}

/** For what changes a draft outside of its editor. */
export function tellDraftSaved(policyId: string): void {
  const channel = openDraftChannel(policyId);
  channel.tell();
  channel.close();
}
