const newline = 10;

/**
 * Splits a byte stream into lines. A line longer than `bytesMax` is thrown away whole, and `onTooLong` is told once.
 * Bytes that are not UTF-8 become U+FFFD; the newline and a carriage return before it are not part of the line.
 */
export function splitLines(
  bytesMax: number,
  onLine: (line: string) => void,
  onTooLong: () => void,
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let length = 0;
  let isSkipping = false;

  function take(piece: Buffer): void {
    if (isSkipping) return;
    length += piece.length;
    if (length <= bytesMax) {
      parts.push(piece);
      return;
    }
    isSkipping = true;
    parts = [];
    onTooLong();
  }

  function finish(): void {
    const line = isSkipping ? "" : (parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)).toString("utf8");
    parts = [];
    length = 0;
    isSkipping = false;
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (text.trim() !== "") onLine(text);
  }

  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      take(chunk.subarray(start, end));
      finish();
      start = end + 1;
    }
    if (start < chunk.length) take(chunk.subarray(start));
  };
}
