// Judges what a server says by what it may say here: an answer that somebody waits for, a question that its owner lets it ask,
// a notification of the closed table. All else ends here, whatever stream or body it came in.
import type { MethodGroup } from "../policy/server-settings.ts";
import { askedMax, type Dialogue } from "./dialogue.ts";
import { type Envelope, EnvelopeReader, envelopeOf } from "./envelope.ts";
import type { Era } from "./era.ts";
import { onlyMember, signsOf, valuesOf } from "./json-walk.ts";
import { mayAskInside, maySay } from "./methods.ts";
import { elementTexts } from "./raw-json.ts";
import { rpcError } from "./refusals.ts";
import { mayHoldTask, taskIn, taskOfNotice, withoutForeignTasks } from "./tasks.ts";

export type Vetting = {
  era: Era;
  /** The request that the stream or body answers, in the one spelling; null when it answers none. */
  requestId: string | null;
  /** Of the session; null when there is none. */
  dialogue: Dialogue | null;
  /** The tool that the request calls; null for other requests. */
  tool: string | null;
  /** A call of this tool was answered with a task. */
  noteTask(taskId: string, tool: string): void;
  isOwnTask(taskId: string): boolean;
  /** What the owner refuses at this moment. */
  refused(): ReadonlySet<MethodGroup>;
  /** Tells the server that its question is not asked. @param id JSON text. */
  refuse(id: string): void;
};

export type Vet = {
  /** Whether an answer is waited for at all; if not, a body says nothing that anybody hears. */
  readonly awaits: boolean;
  /** @returns The message (or array of messages) as it may go on; null when nothing of it may. */
  text(text: string): string | null;
  /** For JSON as it arrives. */
  parts(): VetOfParts;
};

export type VetOfParts = {
  /** Told each part before it goes on, its bytes as latin1 text. `false`: neither this part nor more may go on. */
  isSound(part: string): boolean;
};

const refusedMax = 100;
const taskNotices: ReadonlySet<string> = new Set(["notifications/tasks/status", "notifications/tasks"]);

export function openVet(vetting: Vetting): Vet {
  return new OpenVet(vetting);
}

// A class, as one is opened with every request: of closures each would cost several objects.
class OpenVet implements Vet {
  readonly awaits: boolean;
  private readonly vetting: Vetting;
  private refusals = 0;
  /** Of the request that the message judged last answers. */
  private toolAnswered: string | null = null;

  constructor(vetting: Vetting) {
    this.vetting = vetting;
    this.awaits = vetting.requestId !== null;
  }

  text(text: string): string | null {
    if (!/^\s*\[/.test(text)) return this.one(text);
    try {
      JSON.parse(text);
    } catch {
      return null;
    }
    const elements = elementTexts(text);
    const kept = elements.map((element) => this.one(element)).filter((element) => element !== null);
    if (kept.length === 0) return null;
    return kept.length === elements.length && kept.every((element, at) => element === elements[at])
      ? text
      : `[${kept.join(",")}]`;
  }

  parts(): VetOfParts {
    return new OpenVetOfParts(this);
  }

  passes(envelope: Envelope | null, isStream: boolean): boolean {
    if (envelope === null) return false;
    const { vetting } = this;
    const { era, requestId, dialogue } = vetting;
    const { kind, id, method } = envelope;
    if (kind === "response") {
      if (id === null) return true; // an error that answers nothing: a result has an id (envelope.ts)
      const due = dialogue?.due.get(id);
      if (id !== requestId && !(isStream && due !== undefined)) return false;
      this.toolAnswered = due?.tool ?? (id === requestId ? vetting.tool : null);
      dialogue?.due.delete(id);
      return true;
    }
    if (kind === "notification") return maySay("server notification", method, era, vetting.refused());
    if (era === "modern" || id === null) return false;
    const isAsked = dialogue !== null && (dialogue.asked.has(id) || dialogue.asked.size < askedMax);
    if (isAsked && maySay("server request", method, era, vetting.refused())) {
      dialogue.asked.add(id);
      return true;
    }
    this.refusals += 1;
    if (this.refusals <= refusedMax) vetting.refuse(id);
    return false;
  }

  private one(text: string): string | null {
    const envelope = envelopeOf(text);
    this.toolAnswered = null;
    if (envelope === null || !this.passes(envelope, true)) return null;
    const ours = mayHoldTask(text) ? this.withOwnTasks(text, envelope) : text;
    if (ours !== text) return ours;
    if (envelope.kind !== "response" || asksWithinReason(text, this.vetting.refused())) return text;
    return rpcError(envelope.id, -32603, "The server asked for something that is not passed on.");
  }

  /** @returns null when it is about the task of another. */
  private withOwnTasks(text: string, { kind, method }: Envelope): string | null {
    const { vetting, toolAnswered } = this;
    try {
      JSON.parse(text);
      if (kind === "response") {
        const taskId = toolAnswered === null ? null : taskIn(text);
        if (taskId !== null && toolAnswered !== null) vetting.noteTask(taskId, toolAnswered);
        return withoutForeignTasks(text, (id) => vetting.isOwnTask(id));
      }
      const taskId = taskNotices.has(method) ? taskOfNotice(text) : null;
      return taskId === null || vetting.isOwnTask(taskId) ? text : null;
    } catch {
      return null;
    }
  }
}

class OpenVetOfParts implements VetOfParts {
  private readonly vet: OpenVet;
  private readonly reader = new EnvelopeReader(true);
  private isArray: boolean | null = null;

  constructor(vet: OpenVet) {
    this.vet = vet;
  }

  isSound(part: string): boolean {
    if (this.isArray === null) {
      const first = /\S/.exec(part)?.[0];
      if (first === undefined) return true;
      this.isArray = first === "[";
    }
    // An array is held until it is complete and then judged as a text.
    if (this.isArray) return true;
    for (let read = this.reader.read(part, 0); read !== null; read = this.reader.read(part, read.end)) {
      if (!this.vet.passes(read.envelope, false)) return false;
    }
    return true;
  }
}

/** Whether a result asks for nothing, or only for what may be asked. */
function asksWithinReason(text: string, refused: ReadonlySet<MethodGroup>): boolean {
  if (!mayAsk(text)) return true;
  try {
    JSON.parse(text);
    const start = text.indexOf("{");
    const result = onlyMember(text, start, "result");
    if (result === null || text[result.from] !== "{") return true;
    const requests = onlyMember(text, result.from, "inputRequests");
    if (requests === null) return true;
    if (text[requests.from] !== "{") return false;
    return valuesOf(text, requests.from).every(({ from }) => {
      const method = text[from] === "{" ? onlyMember(text, from, "method") : null;
      return method !== null && mayAskInside(JSON.parse(text.slice(method.from, method.to)), refused);
    });
  } catch {
    return false;
  }
}

const mayAsk = signsOf("inputRequests");
