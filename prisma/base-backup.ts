// A copy of a running Postgres, as Postgres itself makes it for `pg_basebackup`: over a replication connection, all of one moment, with
// the part of its log that a start from the copy needs. The npm package has none of the programs that do this.
import pg from "pg";

/** What the copy is made of: the archive of the data directory, and Postgres' own list of its files with their checksums. */
export type BackupPart = "archive" | "manifest";

/**
 * Takes the copy while everything goes on.
 *
 * @param take Called with one piece after the other; Postgres waits while it works.
 * @throws Error when Postgres cannot send it, finds a page of its own damaged, or has data outside of its directory.
 */
export async function takeBaseBackup(
  databaseUrl: string,
  take: (part: BackupPart, bytes: Buffer) => Promise<void>,
): Promise<void> {
  const url = new URL(databaseUrl);
  url.searchParams.set("replication", "true");
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 10_000 });
  client.on("error", () => {}); // it fails the copy as well
  await client.connect();
  try {
    // Ends with the connection. Until then Postgres keeps the log from here on, however much is written meanwhile.
    await client.query(`CREATE_REPLICATION_SLOT "policylayer_backup_${process.pid}" TEMPORARY PHYSICAL RESERVE_WAL`);
    const copy = new CopyOut(
      "BASE_BACKUP (LABEL 'policylayer', CHECKPOINT 'fast', WAL true, MANIFEST 'yes', MANIFEST_CHECKSUMS 'SHA256')",
      take,
    );
    client.query(copy);
    await copy.done;
  } finally {
    await client.end().catch(() => {});
  }
}

const queuedBytesMax = 4 * 1024 * 1024;

/** A command whose answer is a stream: pg has no words for one, but hands its messages to whoever asked. */
class CopyOut implements pg.Submittable {
  readonly done: Promise<void>;
  private part: BackupPart = "archive";
  private queue: Promise<void> = Promise.resolve();
  private queuedBytes = 0;
  private trouble: Error | null = null;
  private settle: { resolve(): void; reject(cause: Error): void } = { resolve: () => {}, reject: () => {} };

  constructor(
    private readonly text: string,
    private readonly take: (part: BackupPart, bytes: Buffer) => Promise<void>,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
  }

  submit(connection: pg.Connection): void {
    connection.query(this.text);
  }

  handleCopyData({ chunk }: { chunk: Buffer }, connection: pg.Connection): void {
    const kind = String.fromCharCode(chunk[0] ?? 0);
    if (kind === "n") this.beginArchive(chunk.subarray(1).toString("utf8"), connection);
    else if (kind === "m") this.part = "manifest";
    else if (kind === "d") this.enqueue(Buffer.from(chunk.subarray(1)), connection); // pg uses its buffer again
  }

  private beginArchive(names: string, connection: pg.Connection): void {
    const [archive = "", location = ""] = names.split("\0");
    if (location !== "")
      this.fail(new Error(`the database has data outside of its directory (${archive})`), connection);
  }

  private enqueue(bytes: Buffer, connection: pg.Connection): void {
    if (this.trouble) return;
    const { part } = this;
    this.queuedBytes += bytes.length;
    if (this.queuedBytes > queuedBytesMax) connection.stream.pause();
    this.queue = this.queue.then(async () => {
      if (this.trouble) return;
      await this.take(part, bytes);
      this.queuedBytes -= bytes.length;
      if (this.queuedBytes < queuedBytesMax / 2 && connection.stream.isPaused()) connection.stream.resume();
    });
    this.queue.catch((cause: Error) => this.fail(cause, connection));
  }

  private fail(cause: Error, connection: pg.Connection): void {
    this.trouble ??= cause;
    connection.stream.destroy();
    this.settle.reject(this.trouble);
  }

  handleError(cause: Error): void {
    this.trouble ??= cause;
    this.settle.reject(this.trouble);
  }

  handleReadyForQuery(): void {
    if (this.trouble) return;
    void this.queue.then(() => this.settle.resolve());
  }

  // Where the copy begins and ends in Postgres' log; the archive says so itself.
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {}
}
