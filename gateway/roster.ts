// What is under way, with a note on each. For what is put in and taken out again with every call, in place of a Set or a Map:
// V8 links the table of such a collection to the one that replaces it, so when one of those tables has become old, all that was
// ever in its successors is taken for alive until the next full collection (its garbage collector's "nepotism"). A call holds some
// 20 KB; with a Set, the gateway spent more time on moving dead calls than on serving live ones.

type Entry<T, Note> = { readonly item: T; note: Note; place: number };

/** Objects, each once, and a note on each. In no order. */
export class Roster<T extends object, Note = true> implements Iterable<readonly [item: T, note: Note]> {
  /** Where an object holds its own entry, so that no table is needed to find it. */
  private readonly key = Symbol("entry");
  private readonly entries: Entry<T, Note>[] = [];

  /** Puts an object in, or another note on one that is in. */
  set(item: T, note: Note): void {
    const known = this.entryOf(item);
    if (known !== undefined) {
      known.note = note;
      return;
    }
    const entry = { item, note, place: this.entries.length };
    this.entries.push(entry);
    (item as Holder<T, Note>)[this.key] = entry;
  }

  /** @returns The note; undefined when it is not in. */
  get(item: T): Note | undefined {
    return this.entryOf(item)?.note;
  }

  /** @returns Whether it was in. */
  delete(item: T): boolean {
    const entry = this.entryOf(item);
    if (entry === undefined) return false;
    (item as Holder<T, Note>)[this.key] = undefined;
    const last = this.entries.pop();
    if (last !== undefined && last !== entry) {
      this.entries[entry.place] = last;
      last.place = entry.place;
    }
    return true;
  }

  get size(): number {
    return this.entries.length;
  }

  /** Those that are in now, whatever is put in or taken out meanwhile. */
  *[Symbol.iterator](): Iterator<readonly [item: T, note: Note]> {
    for (const { item, note } of [...this.entries]) yield [item, note];
  }

  private entryOf(item: T): Entry<T, Note> | undefined {
    return (item as Holder<T, Note>)[this.key];
  }
}

type Holder<T, Note> = { [key: symbol]: Entry<T, Note> | undefined };
