// As much of the tar format as a backup needs: plain files and folders, which is what Postgres sends, so that any `tar` can look into one.

const block = 512;

export type TarEntry = { name: string; kind: "file" | "folder"; mode: number; size: number };

/** A header and its file, filled up to whole blocks. */
export function tarFile(name: string, bytes: Buffer, atMs: number): Buffer {
  return Buffer.concat([tarHeader(name, bytes.length, atMs), bytes, Buffer.alloc(fillOf(bytes.length))]);
}

/** What ends an archive. */
export const tarEnd = Buffer.alloc(2 * block);

function tarHeader(name: string, size: number, atMs: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new Error(`\`${name}\` is too long a name for an archive`);
  const header = Buffer.alloc(block);
  const octal = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
  header.write(name, 0, "utf8");
  octal(0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(Math.floor(atMs / 1_000), 136, 12);
  header.write("0", 156, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  header.write(`${checksumOf(header).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

export type TarListener = {
  /** Of the archive as it is, in order, before `begin` hears of the entry that begins with it. */
  header(bytes: Buffer, entry: TarEntry): void | Promise<void>;
  /** A piece of the entry's file. */
  body(bytes: Buffer): void | Promise<void>;
  /** What fills the last block. */
  fill(bytes: Buffer): void;
};

/**
 * Reads an archive to its end.
 *
 * @throws Error when it ends too soon, or holds what a backup does not (links, names that lead out of it).
 */
export async function readTar(archive: AsyncIterable<Buffer>, listener: TarListener): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  let bodyLeft = 0;
  let fillLeft = 0;
  let ended = false;
  for await (const piece of archive) {
    let bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    while (bytes.length > 0 && !ended) {
      if (bodyLeft > 0) {
        const part = bytes.subarray(0, bodyLeft);
        await listener.body(part);
        bodyLeft -= part.length;
        bytes = bytes.subarray(part.length);
      } else if (fillLeft > 0) {
        const part = bytes.subarray(0, fillLeft);
        listener.fill(part);
        fillLeft -= part.length;
        bytes = bytes.subarray(part.length);
      } else {
        if (bytes.length < block) break;
        const header = bytes.subarray(0, block);
        bytes = bytes.subarray(block);
        if (header.every((byte) => byte === 0)) {
          ended = true;
          break;
        }
        const entry = readHeader(header);
        await listener.header(header, entry);
        bodyLeft = entry.size;
        fillLeft = fillOf(entry.size);
      }
    }
    rest = Buffer.from(bytes);
  }
  if (!ended) throw new Error("it ends too soon");
}

function readHeader(header: Buffer): TarEntry {
  const text = (at: number, length: number) => {
    const field = header.subarray(at, at + length);
    const end = field.indexOf(0);
    return field.subarray(0, end < 0 ? length : end).toString("utf8");
  };
  if (Number.parseInt(text(148, 8), 8) !== checksumOf(header)) throw new Error("a header in it is damaged");
  const name = [text(345, 155), text(0, 100)].filter(Boolean).join("/").replace(/\/$/, "");
  const type = text(156, 1);
  if (type !== "0" && type !== "5" && type !== "") throw new Error(`\`${name}\` in it is neither a file nor a folder`);
  if (name === "" || name.startsWith("/") || name.includes("\\") || name.split("/").includes("..")) {
    throw new Error(`\`${name}\` in it is no name inside of an installation`);
  }
  return {
    name,
    kind: type === "5" ? "folder" : "file",
    mode: Number.parseInt(text(100, 8), 8),
    size: type === "5" ? 0 : sizeOf(header.subarray(124, 136)),
  };
}

/** Octal digits; above 8 GiB a binary number, with the first bit set. */
function sizeOf(field: Buffer): number {
  if ((field[0] ?? 0) & 0x80) return Number(field.readBigUInt64BE(4));
  return Number.parseInt(field.toString("latin1"), 8);
}

/** The sum of all bytes, with blanks in the place of the sum itself. */
function checksumOf(header: Buffer): number {
  let sum = 8 * 32;
  for (const [at, byte] of header.entries()) if (at < 148 || at >= 156) sum += byte;
  return sum;
}

function fillOf(size: number): number {
  return (block - (size % block)) % block;
}
