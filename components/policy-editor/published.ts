/** A version, and how many of the running gateways have it. */
export type Published = { version: number; gateways: { live: number; of: number; ms: number } };
export type PublishAnswer = { ok: true; published: Published } | { ok: false; detail: string };

/** "Version 3 is live on 1 of 1 gateways in 40 ms." */
export function publishedSentence({ version, gateways }: Published): string {
  if (gateways.of === 0)
    return `Version ${version} is published. No gateway is running; the next one that starts enforces it.`;
  return `Version ${version} is live on ${onGateways(gateways)}.`;
}

/** "Version 4 runs in shadow on 1 of 1 gateways in 40 ms. What is enforced did not change." */
export function shadowSentence({ version, gateways }: Published): string {
  const where = gateways.of === 0 ? "with the next gateway that starts" : `on ${onGateways(gateways)}`;
  return `Version ${version} runs in shadow ${where}. What is enforced did not change.`;
}

function onGateways({ live, of, ms }: Published["gateways"]): string {
  return `${live} of ${of} gateways in ${Math.round(ms)} ms`;
}
