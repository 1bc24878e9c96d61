import { isGlob } from "../../policy/glob.ts";
import { parsePolicy } from "../../policy/parse.ts";
import type { Problem } from "../../policy/problems.ts";
import type { PolicyDocument, Scope, ToolRule } from "../../policy/schema.ts";
import { cut, fieldsOf, listOf, textOf } from "./fields.ts";
import { type NotCarried, Notes, type Place } from "./notes.ts";
import { convertTool, deniedReason } from "./rules.ts";
import { readYaml, type YamlEntry, type YamlNode, type YamlProblem } from "./yaml.ts";

export type Converted =
  | { ok: true; document: PolicyDocument; notCarried: NotCarried[] }
  | { ok: false; problems: YamlProblem[] };

const documentFields = ["version", "description", "default", "hide", "tools"] as const;

/**
 * Turns a YAML policy of the Intercept proxy into a document of ours. Never throws. What cannot be said in the same way is
 * listed; where it restricts, the result denies.
 *
 * @param scope Who shares the counters. There, everybody who calls the same server does.
 */
export function convertIntercept(text: string, scope: Scope = "server"): Converted {
  const yaml = readYaml(text);
  if (!yaml.ok) return yaml;
  const { root, positionOf } = yaml;
  const refuse = (node: { at: number }, message: string): Converted => {
    return { ok: false, problems: [{ ...positionOf(node.at), message }] };
  };
  if (root.kind !== "map") return refuse(root, "the file is no map with `version` and `tools`");
  const notes = new Notes(positionOf);
  const conversion = new Conversion(notes, scope);
  const fields = fieldsOf(root, [], documentFields, notes, conversion.denyAll);
  if (textOf(fields.version) !== "1") return refuse(fields.version ?? root, '`version` must be "1"');

  const place = (field: (typeof documentFields)[number]): Place => ({ path: [field], node: fields[field] ?? root });
  const description = textOf(fields.description);
  if (description === null) notes.add(place("description"), "left_out", "`description` must be a text");
  conversion.default(fields.default, place("default"));
  if (fields.hide) conversion.hide(fields.hide, place("hide"));
  if (fields.tools) conversion.tools(fields.tools, place("tools"));
  return conversion.finish(description ?? "");
}

class Conversion {
  private readonly notes: Notes;
  private readonly scope: Scope;
  private posture: "allow" | "deny" = "allow";
  private readonly hidden: string[] = [];
  private all: ToolRule | null = null;
  private readonly rules: [string, ToolRule][] = [];
  private readonly places = new Map<string, Place>();

  constructor(notes: Notes, scope: Scope) {
    this.notes = notes;
    this.scope = scope;
  }

  /** Something that may restrict any tool. */
  readonly denyAll = (place: Place, sentence: string): void => {
    this.notes.add(place, "denied", `${sentence}; every tool is denied`);
    this.all = { ...this.all, action: "deny", reason: this.all?.reason ?? deniedReason };
  };

  default(node: YamlNode | undefined, place: Place): void {
    const written = textOf(node);
    if (written === "deny") this.posture = "deny";
    else if (written !== "allow" && written !== "") {
      this.posture = "deny";
      this.notes.add(place, "denied", "`default` must be `allow` or `deny`; what nothing names is denied");
    }
  }

  hide(node: YamlNode, place: Place): void {
    // A single name is meant as a list of one, which the proxy does not read.
    const items = node.kind === "scalar" && node.value !== null ? [node] : listOf(node);
    if (items === null) {
      this.denyAll(place, "`hide` must be a list of names");
      return;
    }
    for (const [index, item] of items.entries()) {
      const name = textOf(item);
      const at = { path: [...place.path, index], node: item };
      if (name === null) this.denyAll(at, "an entry of `hide` must be a name");
      else if (name.trim() === "") this.notes.add(at, "left_out", "an entry without a name hides nothing");
      else if (this.hidden.includes(name)) this.notes.add(at, "left_out", `\`${cut(name)}\` is hidden twice`);
      else {
        this.hidden.push(name);
        if (isGlob(name) && name !== "*") {
          this.notes.add(
            at,
            "stricter",
            `\`${cut(name)}\` hides only a tool of this very name there, and here all that fit it`,
          );
        }
      }
    }
  }

  tools(node: YamlNode, place: Place): void {
    if (node.kind === "scalar" && node.value === null) return;
    if (node.kind !== "map") {
      this.denyAll(place, "`tools` must be a map");
      return;
    }
    for (const entry of node.entries) this.tool(entry);
  }

  private tool({ key: name, at, node }: YamlEntry): void {
    const place: Place = { path: ["tools", name], node: { at } };
    if (name === "*") {
      const rule = convertTool(name, node, place.path, this.notes, this.scope);
      // What denies all tools already stays.
      if (Object.keys(rule).length > 0) this.all = { ...rule, ...this.all };
      this.places.set("/all_tools", place);
      return;
    }
    if (name === "") {
      this.notes.add(place, "left_out", "no tool has an empty name");
      return;
    }
    if (isGlob(name)) {
      this.globTool(name, node, place);
      return;
    }
    this.rules.push([name, convertTool(name, node, place.path, this.notes, this.scope)]);
    this.places.set(`/tools/${name}`, place);
  }

  /** There, a name with a star is the name of one tool and no pattern; here it would be a rule for others. */
  private globTool(name: string, node: YamlNode, place: Place): void {
    const sentence = `\`${cut(name)}\` is the name of one tool there, and no pattern`;
    if (this.posture === "deny") {
      this.notes.add(place, "denied", `${sentence}; without a rule it is denied`);
      return;
    }
    // What it would say about its rules does not matter, because none of them is carried over.
    const unheard = new Notes(() => ({ line: 1, column: 1 }));
    const rule = convertTool(name, node, place.path, unheard, this.scope);
    if (Object.keys(rule).length === 0) {
      this.notes.add(place, "left_out", `${sentence}; it restricts nothing`);
      return;
    }
    this.rules.push([name, { action: "deny", reason: deniedReason }]);
    this.notes.add(place, "denied", `${sentence}; every tool that fits it and has no rule of its own is denied`);
  }

  /** The document, whatever the language still has against it taken out. */
  finish(description: string): Converted {
    // Each round denies at least one rule that was not denied before, or gives up.
    for (let round = 0; round < 20; round += 1) {
      const document = this.document(description);
      const parsed = parsePolicy(JSON.stringify(document));
      if (parsed.ok) return { ok: true, document, notCarried: this.notes.list() };
      const errors = parsed.problems.filter(({ severity }) => severity === "error");
      if (!errors.map((problem) => this.replace(problem)).some(Boolean)) {
        const messages = errors.map(({ message }) => ({
          line: 1,
          column: 1,
          message: `the result is refused: ${message}`,
        }));
        return { ok: false, problems: messages.slice(0, 20) };
      }
    }
    return { ok: false, problems: [{ line: 1, column: 1, message: "the result is refused; split the file" }] };
  }

  /** Denies what a problem lies in; false when nothing could be denied. */
  private replace({ pointer, message }: Problem): boolean {
    const sentence = `the policy language refuses a rule of it: ${message}`;
    const denied: ToolRule = { action: "deny", reason: deniedReason };
    if (pointer.startsWith("/all_tools")) {
      if (isPlainDenial(this.all)) return false;
      this.all = denied;
      this.noteAt("/all_tools", `${sentence}; every tool is denied`);
      return true;
    }
    for (const entry of this.rules) {
      const [name, rule] = entry;
      const own = `/tools/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if ((pointer !== own && !pointer.startsWith(`${own}/`)) || isPlainDenial(rule)) continue;
      entry[1] = denied;
      this.noteAt(`/tools/${name}`, `${sentence}; \`${cut(name)}\` is denied`);
      return true;
    }
    return false;
  }

  private noteAt(key: string, sentence: string): void {
    this.notes.add(this.places.get(key) ?? { path: ["tools"], node: { at: 0 } }, "denied", sentence);
  }

  private document(description: string): PolicyDocument {
    return {
      version: "1",
      ...(description === "" ? {} : { description }),
      default: this.posture,
      ...(this.hidden.length > 0 ? { hide: this.hidden } : {}),
      ...(this.all === null ? {} : { all_tools: this.all }),
      ...(this.rules.length > 0 ? { tools: Object.fromEntries(this.rules) } : {}),
    };
  }
}

function isPlainDenial(rule: ToolRule | null): boolean {
  return rule?.action === "deny" && rule.require === undefined && rule.limits === undefined;
}
