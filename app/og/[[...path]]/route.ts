import { remembered } from "@/app/_server/site/remembered.ts";
import { draw } from "@/app/og/draw.tsx";
import { pictureOf } from "@/app/og/picture.ts";

export const dynamic = "force-dynamic";

/** A drawing takes a tenth of a second of a processor, and anybody may ask: one at a time, and no long queue. */
const waitingMax = 20;
let waiting = 0;
let last: Promise<unknown> = Promise.resolve();

const drawn = remembered({ keptMs: 3_600_000, keptMax: 200 }, async (json) => {
  if (waiting >= waitingMax) throw new Error("too many pictures at once");
  waiting += 1;
  const mine = last.then(() => draw(JSON.parse(json)));
  last = mine
    .catch(() => undefined)
    .finally(() => {
      waiting -= 1;
    });
  return mine;
});

/** The picture for links of the page with the rest of this address. */
export async function GET(request: Request): Promise<Response> {
  const segments = new URL(request.url).pathname.split("/").slice(2).filter(Boolean);
  const picture = await pictureOf(segments);
  if (!picture)
    return new Response("There is nothing here.\n", { status: 404, headers: { "content-type": "text/plain" } });
  if (waiting >= waitingMax)
    return new Response("Too many at once.\n", { status: 503, headers: { "retry-after": "5" } });
  // Kept by what it shows, so a page that changed has another picture at once.
  const png = await drawn(JSON.stringify(picture));
  return new Response(new Uint8Array(png), {
    headers: {
      "content-type": "image/png",
      "cache-control": "public, max-age=3600, s-maxage=86400",
      "x-content-type-options": "nosniff",
    },
  });
}
