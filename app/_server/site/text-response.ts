/** A file that programs read: for everybody, and kept for an hour at most. */
export function textResponse(text: string | null, type: "application/xml" | "text/plain" | "text/markdown"): Response {
  if (text === null) return new Response("There is nothing here.\n", { status: 404, headers: plain });
  return new Response(text, {
    headers: {
      ...plain,
      "content-type": `${type}; charset=utf-8`,
      "cache-control": "public, max-age=600, s-maxage=3600",
    },
  });
}

const plain = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };
