// A stream outlives the request that began it, and must not outlive the reader's right to it.

/** How long somebody who was signed out, removed or demoted may still read. */
export const checkEveryMs = 5_000;

/**
 * The same stream, ended when its reader may not read it any more. An export is broken off rather than ended: whoever saves it
 * must not take a part for the whole.
 */
export function whileAllowed(
  body: ReadableStream<Uint8Array>,
  isStillAllowed: () => Promise<boolean>,
  { endsQuietly, everyMs = checkEveryMs }: { endsQuietly: boolean; everyMs?: number },
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const stop = () => {
    isOver = true;
    clearInterval(timer);
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        timer = setInterval(() => {
          // Who cannot be asked about is not let go on.
          isStillAllowed()
            .catch(() => false)
            .then((isAllowed) => {
              if (isAllowed || isOver) return;
              stop();
              if (endsQuietly) controller.close();
              else controller.error(new Error("the reader may not read this any more"));
              reader.cancel().catch(() => {});
            });
        }, everyMs);
        timer.unref?.();
      },
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (isOver) return;
          if (!done) return controller.enqueue(value);
          stop();
          controller.close();
        } catch (cause) {
          if (isOver) return;
          stop();
          controller.error(cause);
        }
      },
      async cancel(reason) {
        stop();
        await reader.cancel(reason);
      },
    },
    // What is not asked for stays where it comes from, which knows when its reader lags behind.
    { highWaterMark: 0 },
  );
}
