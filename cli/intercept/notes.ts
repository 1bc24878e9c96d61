import { type Path, pointerOf } from "../../policy/pointer.ts";
import type { Position, YamlNode } from "./yaml.ts";

/** What became of something that the policy language cannot say in the same way. */
export type Effect =
  /** It may restrict, so what it stands in is denied in the result. */
  | "denied"
  /** The result refuses more than the original, and says the rest. */
  | "stricter"
  /** It restricts nothing, and is gone. */
  | "left_out";

/** One thing that could not be carried over. */
export type NotCarried = Position & {
  /** JSON Pointer into the YAML file. */
  path: string;
  effect: Effect;
  /** Without capital and period. */
  sentence: string;
};

/** Where in the file: a node and the way to it. */
export type Place = { path: Path; node: Pick<YamlNode, "at"> };

/** The list of what could not be carried over, while a file is converted. */
export class Notes {
  private readonly positionOf: (at: number) => Position;
  private readonly all: (NotCarried & { at: number })[] = [];
  private readonly gathered = new Map<string, { note: NotCarried; count: number }>();

  constructor(positionOf: (at: number) => Position) {
    this.positionOf = positionOf;
  }

  add(place: Place, effect: Effect, sentence: string): void {
    const { at } = place.node;
    this.all.push({ path: pointerOf(place.path), ...this.positionOf(at), effect, sentence, at });
  }

  /** Something that is the same wherever it occurs: said once, at the first place, with the number of places. */
  addOnce(place: Place, effect: Effect, sentence: string): void {
    const known = this.gathered.get(sentence);
    if (known) {
      known.count += 1;
      return;
    }
    this.add(place, effect, sentence);
    const note = this.all.at(-1);
    if (note) this.gathered.set(sentence, { note, count: 1 });
  }

  /** In the order of the file. */
  list(): NotCarried[] {
    for (const { note, count } of this.gathered.values()) {
      if (count > 1) note.sentence += ` (${count} places)`;
    }
    this.gathered.clear();
    return [...this.all].sort((a, b) => a.at - b.at).map(({ at: _, ...note }) => note);
  }
}
