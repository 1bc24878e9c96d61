/** A line without its end, or why nothing further can be read. */
export type Line = { ok: true; text: string } | { ok: false; message: string };

/** More than any definition of a tool; a line that never ends is no line. */
const lengthMax = 64 * 1024 * 1024;

/**
 * The lines of UTF-8 text, one after another, so that a file may be larger than memory. A mark at its beginning is left out,
 * and so is what follows the last line break when it is empty. Never rejects.
 *
 * @param reasonOf Says in a sentence why the bytes ended early.
 */
export async function* linesOf(
  bytes: AsyncIterable<Uint8Array>,
  reasonOf: (cause: unknown) => string,
): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  // Pieces, because adding to one string for each chunk of a long line would be slow.
  let begun: string[] = [];
  let length = 0;
  try {
    for await (const chunk of bytes) {
      const [end = "", ...more] = decoder.decode(chunk, { stream: true }).split("\n");
      begun.push(end);
      length += end.length;
      if (length > lengthMax) {
        yield { ok: false, message: `it has a line of more than ${lengthMax / 1024 / 1024} MiB` };
        return;
      }
      for (const next of more) {
        yield { ok: true, text: begun.join("") };
        begun = [next];
        length = next.length;
      }
    }
    begun.push(decoder.decode());
  } catch (cause) {
    const isText = (cause as { code?: unknown } | null)?.code !== "ERR_ENCODING_INVALID_ENCODED_DATA";
    yield { ok: false, message: isText ? reasonOf(cause) : "it is not UTF-8 text" };
    return;
  }
  const last = begun.join("");
  if (last !== "") yield { ok: true, text: last };
}
