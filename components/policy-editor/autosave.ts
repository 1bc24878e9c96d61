// Keeps a draft on the server while a person writes it. Every save says which revision it is based on; when somebody else
// saved in between, nothing is overwritten: the author decides.

export type SaveAnswer = { ok: true; revision: number } | { ok: false; code: string; detail: string };
export type SaveDraft = (document: string, seenRevision: number) => Promise<SaveAnswer>;

export type SaveState =
  | { kind: "saved" }
  | { kind: "unsaved" }
  | { kind: "saving" }
  /** Not saved, and tried again by itself. */
  | { kind: "failed"; detail: string }
  /** Somebody else saved another draft. Nothing is saved until the author has chosen. */
  | { kind: "conflict" };

const quietMs = 700;
const retryMs = 5_000;

export class Autosave {
  readonly #save: SaveDraft;
  readonly #onState: (state: SaveState) => void;
  #revision: number;
  #text: string;
  #savedText: string | null;
  #state: SaveState = { kind: "saved" };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | null = null;

  constructor(start: { text: string; revision: number; save: SaveDraft; onState: (state: SaveState) => void }) {
    this.#text = start.text;
    this.#savedText = start.text;
    this.#revision = start.revision;
    this.#save = start.save;
    this.#onState = start.onState;
  }

  /** The revision that is on the server, as far as is known here. */
  get revision(): number {
    return this.#revision;
  }

  get state(): SaveState {
    return this.#state;
  }

  /** The author changed the text: it is saved when they pause. */
  edited(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    if (this.#state.kind === "conflict" || this.#running) return;
    if (text === this.#savedText) {
      clearTimeout(this.#timer);
      this.#become({ kind: "saved" });
      return;
    }
    this.#become({ kind: "unsaved" });
    this.#schedule(quietMs);
  }

  /** Saves now what is not saved yet. @returns whether the server has the newest text. */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    // What is typed during a save is saved by the next one.
    for (;;) {
      if (this.#running) await this.#running;
      else if (this.#state.kind === "conflict") return false;
      else if (this.#text === this.#savedText) return true;
      else await this.#run();
      if (this.#state.kind === "failed" || this.#state.kind === "conflict") return false;
    }
  }

  /** After a conflict: takes what the server has instead of the text here. */
  takeTheirs(text: string, revision: number): void {
    clearTimeout(this.#timer);
    this.#text = text;
    this.#savedText = text;
    this.#revision = revision;
    this.#become({ kind: "saved" });
  }

  /** After a conflict: saves the text here over revision `revision` of somebody else. */
  keepMine(revision: number): Promise<boolean> {
    this.#revision = revision;
    this.#savedText = null;
    this.#become({ kind: "unsaved" });
    return this.flush();
  }

  #schedule(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), afterMs);
  }

  #run(): Promise<void> {
    const running = this.#saveOnce().finally(() => {
      this.#running = null;
    });
    this.#running = running;
    return running;
  }

  async #saveOnce(): Promise<void> {
    const text = this.#text;
    this.#become({ kind: "saving" });
    const answer = await this.#save(text, this.#revision);
    if (answer.ok) {
      this.#revision = answer.revision;
      this.#savedText = text;
      if (this.#text === text) return this.#become({ kind: "saved" });
      this.#become({ kind: "unsaved" });
      return this.#schedule(quietMs);
    }
    if (answer.code === "draft_moved_on") return this.#become({ kind: "conflict" });
    this.#become({ kind: "failed", detail: answer.detail });
    this.#schedule(retryMs);
  }

  #become(state: SaveState): void {
    this.#state = state;
    this.#onState(state);
  }
}
