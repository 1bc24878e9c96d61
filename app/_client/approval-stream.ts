"use client";
// What the pages hear of approvals. Of all tabs one keeps a connection and tells the others: browsers allow few to one host, and
// a person with many tabs would find the next one waiting for ever.

export type ApprovalSignal =
  | { kind: "approval"; id: string; status: string }
  | { kind: "pending"; count: number }
  | { kind: "resync" };

/** @param isFirst Whether this tab is the one that keeps the connection: what may be done once is for it to do. */
type Listener = (signal: ApprovalSignal, isFirst: boolean) => void;

const name = "policylayer-approvals";
const retryMs = 5_000;

/** Goes on until what it answers with is called. */
export function listenToApprovals(listener: Listener): () => void {
  const stopping = new AbortController();
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(name) : null;
  let lastCount: number | null = null;
  let leads = false;

  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<ApprovalSignal | { kind: "hello" }>) => {
      if (data.kind !== "hello") listener(data, false);
      else if (leads && lastCount !== null) channel.postMessage({ kind: "pending", count: lastCount });
    };
    channel.postMessage({ kind: "hello" });
  }

  async function lead(): Promise<void> {
    // The turn may come when nobody wants it any more.
    if (stopping.signal.aborted) return;
    leads = true;
    const tell = (signal: ApprovalSignal) => {
      if (stopping.signal.aborted) return;
      if (signal.kind === "pending") lastCount = signal.count;
      channel?.postMessage(signal);
      listener(signal, true);
    };
    return new Promise((resolve) => {
      let source = open();
      let timer: ReturnType<typeof setTimeout> | undefined;
      function open(): EventSource {
        const events = new EventSource("/api/v1/approvals/events");
        const on = (event: string, read: (data: string) => ApprovalSignal) =>
          events.addEventListener(event, ({ data }: MessageEvent<string>) => tell(read(data)));
        on("approval", (data) => ({ ...JSON.parse(data), kind: "approval" }));
        on("pending", (data) => ({ ...JSON.parse(data), kind: "pending" }));
        on("resync", () => ({ kind: "resync" }));
        let wasOpen = false;
        events.onopen = () => {
          // What happened while it was away nobody has told.
          if (wasOpen) tell({ kind: "resync" });
          wasOpen = true;
        };
        events.onerror = () => {
          // A lost connection comes back by itself; after a refusal the browser gives up.
          if (events.readyState !== EventSource.CLOSED || stopping.signal.aborted) return;
          timer = setTimeout(() => {
            source = open();
          }, retryMs);
        };
        return events;
      }
      stopping.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        source.close();
        resolve();
      });
    });
  }

  // Only where the address is a safe one; elsewhere each tab has its own.
  if (navigator.locks && channel) {
    navigator.locks.request(name, { signal: stopping.signal }, lead).catch(() => {});
  } else void lead();

  return () => {
    stopping.abort();
    channel?.close();
  };
}
