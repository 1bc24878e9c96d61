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

  function tell(signal: ApprovalSignal): void {
    if (stopping.signal.aborted) return;
    if (signal.kind === "pending") lastCount = signal.count;
    channel?.postMessage(signal);
    listener(signal, true);
  }

  function lead(): Promise<void> {
    // The turn may come when nobody wants it any more.
    if (stopping.signal.aborted) return Promise.resolve();
    leads = true;
    const close = keepOpen(tell);
    return new Promise((resolve) => {
      stopping.signal.addEventListener("abort", () => {
        close();
        resolve();
      });
    });
  }

  // Only where the address is a safe one; elsewhere each tab has its own while it is looked at.
  if (navigator.locks && channel) {
    navigator.locks.request(name, { signal: stopping.signal }, lead).catch(() => {});
  } else {
    const close = whileVisible(() => keepOpen((signal) => listener(signal, true)));
    stopping.signal.addEventListener("abort", close);
  }

  return () => {
    stopping.abort();
    channel?.close();
  };
}

/** @returns What closes it. */
function keepOpen(tell: (signal: ApprovalSignal) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let source = open();
  function open(): EventSource {
    const events = new EventSource("/api/v1/approvals/events");
    const on = (event: string, read: (data: string) => ApprovalSignal) =>
      events.addEventListener(event, ({ data }: MessageEvent<string>) => tell(read(data)));
    on("approval", (data) => ({ ...JSON.parse(data), kind: "approval" }));
    on("pending", (data) => ({ ...JSON.parse(data), kind: "pending" }));
    on("resync", () => ({ kind: "resync" }));
    // What happened before it was open nobody has told: after the pages looked, while it was cut, while another tab had it.
    events.onopen = () => tell({ kind: "resync" });
    events.onerror = () => {
      // A lost connection comes back by itself; after a refusal the browser gives up.
      if (events.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(() => {
        source = open();
      }, retryMs);
    };
    return events;
  }
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

/** Starts something whenever the page comes into sight, and stops it when it leaves. @returns What ends that. */
function whileVisible(start: () => () => void): () => void {
  let stop: (() => void) | null = null;
  const look = () => {
    if (document.visibilityState === "visible") stop ??= start();
    else {
      stop?.();
      stop = null;
    }
  };
  look();
  document.addEventListener("visibilitychange", look);
  return () => {
    document.removeEventListener("visibilitychange", look);
    stop?.();
  };
}
