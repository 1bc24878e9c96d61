/** What a command has to say: as text for people, as one JSON value with `--json`. */
export type Answer = {
  /** 0 fine, 1 the policy or the test has problems, 2 wrong usage or a file that cannot be read. */
  exitCode: 0 | 1 | 2;
  json: object;
  out?: string;
  err?: string;
};

/** Why nothing could be done at all. */
export type Trouble = { code: "usage" | "unreadable"; message: string };

export function troubled(trouble: Trouble): Answer {
  return { exitCode: 2, json: { ok: false, error: trouble }, err: `policylayer: ${trouble.message}\n` };
}

export function unreadable(file: string, message: string): Trouble {
  return { code: "unreadable", message: `cannot read ${shown(file)}: ${message}` };
}

/** A file as messages name it. */
export function shown(file: string): string {
  return file === "-" ? "<stdin>" : file;
}

export function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
