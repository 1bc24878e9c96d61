// Keeps a draft on the server while a person writes it, and takes in what others write at the same time. Every save says which
// revision it is based on. What changed on both sides is merged; where that cannot be done the author decides, and nothing is
// overwritten until then.

export type SaveAnswer = { ok: true; revision: number } | { ok: false; code: string; detail: string };
export type SaveDraft = (document: string, seenRevision: number) => Promise<SaveAnswer>;

export type DraftOnServer = { text: string; revision: number };
export type LoadDraft = () => Promise<({ ok: true } & DraftOnServer) | { ok: false; detail: string }>;

/** As policy/merge has it: three texts, the first of them what the other two come from. */
export type Merge = (base: string, mine: string, theirs: string) => { ok: true; text: string } | { ok: false };

export type SaveState =
  | { kind: "saved" }
  | { kind: "unsaved" }
  | { kind: "saving" }
  /** Not saved, and tried again by itself. */
  | { kind: "failed"; detail: string }
  /** The same place was changed here and elsewhere. Nothing is saved until the author has chosen or the two fit again. */
  | { kind: "conflict"; theirs: string };

/** How a text came in from outside: nothing was unsaved here, both sides were merged, or the author chose theirs. */
export type Arrival = "taken" | "merged" | "chosen";

const quietMs = 700;
const retryMs = 5_000;

export class Autosave {
  readonly #save: SaveDraft;
  readonly #load: LoadDraft;
  readonly #merge: Merge;
  readonly #onState: (state: SaveState) => void;
  readonly #onArrival: (text: string, how: Arrival) => void;
  #text: string;
  /** What the server has at `#revision`: the last text that both sides had. */
  #base: string;
  #revision: number;
  /** Newer than `#revision`, and not taken in yet. */
  #theirs: DraftOnServer | null = null;
  #state: SaveState = { kind: "saved" };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | null = null;
  #looking: Promise<void> | null = null;

  constructor(start: {
    text: string;
    revision: number;
    save: SaveDraft;
    load: LoadDraft;
    merge: Merge;
    onState: (state: SaveState) => void;
    /** The text is another one now, and not by the hand of the author. */
    onArrival: (text: string, how: Arrival) => void;
  }) {
    this.#text = start.text;
    this.#base = start.text;
    this.#revision = start.revision;
    this.#save = start.save;
    this.#load = start.load;
    this.#merge = start.merge;
    this.#onState = start.onState;
    this.#onArrival = start.onArrival;
  }

  /** The revision that the text here is based on. */
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
    if (this.#running) return;
    // In a conflict the next words may make the two sides fit: half a key cannot be merged, a whole one can.
    const isConflict = this.#state.kind === "conflict";
    if (!isConflict && text === this.#base && this.#theirs === null) {
      clearTimeout(this.#timer);
      this.#become({ kind: "saved" });
      return;
    }
    if (!isConflict) this.#become({ kind: "unsaved" });
    this.#schedule(quietMs);
  }

  /** Saves now what is not saved yet. @returns whether the server has the newest text. */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    // What is typed during a save is saved by the next one.
    for (;;) {
      if (this.#running) await this.#running;
      else if (!this.#takeIn()) return false;
      else if (this.#text === this.#base) return true;
      else await this.#run();
      if (this.#state.kind === "failed" || this.#state.kind === "conflict") return false;
    }
  }

  /** Asks whether the draft was changed elsewhere, and takes that in. Without an answer nothing changes. */
  look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** In a conflict: the text of the other side becomes the one here. */
  takeTheirs(): void {
    const theirs = this.#theirs;
    if (!theirs) return;
    clearTimeout(this.#timer);
    this.#text = theirs.text;
    this.#settle(theirs);
    this.#become({ kind: "saved" });
    this.#onArrival(theirs.text, "chosen");
  }

  /** In a conflict: the text here is saved over that of the other side. */
  keepMine(): Promise<boolean> {
    const theirs = this.#theirs;
    if (theirs) this.#settle(theirs);
    this.#become({ kind: "unsaved" });
    return this.flush();
  }

  async #lookOnce(): Promise<void> {
    if (this.#running) await this.#running;
    const theirs = await this.#load();
    if (!theirs.ok || theirs.revision <= (this.#theirs?.revision ?? this.#revision)) return;
    this.#theirs = { text: theirs.text, revision: theirs.revision };
    // Between two keystrokes nothing is merged: what is unsaved is merged when the author pauses.
    if (this.#running || (this.#text !== this.#base && this.#state.kind !== "conflict")) return;
    if (this.#takeIn() && this.#text !== this.#base) this.#schedule(quietMs);
  }

  /** @returns false when that needs the author. */
  #takeIn(): boolean {
    const theirs = this.#theirs;
    if (!theirs) return true;
    const mine = this.#text;
    // A save of our own, seen from outside before its answer came.
    if (theirs.revision <= this.#revision) this.#theirs = null;
    else if (mine === theirs.text) this.#settle(theirs);
    else {
      const merged = this.#merge(this.#base, mine, theirs.text);
      if (!merged.ok) {
        this.#become({ kind: "conflict", theirs: theirs.text });
        return false;
      }
      this.#text = merged.text;
      this.#settle(theirs);
      if (merged.text !== mine) this.#onArrival(merged.text, merged.text === theirs.text ? "taken" : "merged");
    }
    this.#become({ kind: this.#text === this.#base ? "saved" : "unsaved" });
    return true;
  }

  #settle(theirs: DraftOnServer): void {
    this.#base = theirs.text;
    this.#revision = theirs.revision;
    this.#theirs = null;
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
      this.#base = text;
      if (this.#text === text) return this.#become({ kind: "saved" });
      this.#become({ kind: "unsaved" });
      return this.#schedule(quietMs);
    }
    if (answer.code !== "draft_moved_on") return this.#fail(answer.detail);
    const theirs = await this.#load();
    if (!theirs.ok) return this.#fail(theirs.detail);
    if (theirs.revision <= this.#revision) return this.#fail("The server has an older draft than this page.");
    this.#theirs = { text: theirs.text, revision: theirs.revision };
    if (this.#takeIn() && this.#text !== this.#base) this.#schedule(0);
  }

  #fail(detail: string): void {
    this.#become({ kind: "failed", detail });
    this.#schedule(retryMs);
  }

  #become(state: SaveState): void {
    if (state.kind === "saved" && this.#state.kind === "saved") return;
    this.#state = state;
    this.#onState(state);
  }
}
