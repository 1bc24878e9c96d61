// Kubernetes' own schema passes over a field that it does not know, and so a typing error would be a setting that nobody made. The types
// of the same package name every field; here they are read as text.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

const modules = path.join(import.meta.dirname, "..", "node_modules");
const models = path.join(modules, "kubernetes-models");

export type Manifest = { apiVersion: string; kind: string; metadata: { name: string } } & Record<string, unknown>;

/** Where the types of a kind are: `apps/v1` has a folder, the first group of all is called `v1` only. */
function typesOf({ apiVersion, kind }: Pick<Manifest, "apiVersion" | "kind">): string {
  return path.join(models, apiVersion, `${kind}.d.ts`);
}

/** The place of every field in a manifest that Kubernetes does not have. */
export function unknownFields(manifest: Manifest): string[] {
  const file = typesOf(manifest);
  if (!existsSync(file)) return [`${manifest.kind} of ${manifest.apiVersion} is no kind`];
  return unknownIn(manifest, file, manifest.kind);
}

function unknownIn(value: unknown, file: string, at: string): string[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => unknownIn(one, file, `${at}/${index}`));
  if (typeof value !== "object" || value === null) return [];
  const source = readFileSync(file, "utf8");
  const fields = fieldsOf(source);
  if (fields === null) return []; // a quantity, a time, a number or text
  return Object.entries(value).flatMap(([name, inner]) => {
    const type = fields.get(name);
    if (type === undefined) return [`${at}/${name}`];
    const inside = fileOf(type, source, file);
    return inside === null ? [] : unknownIn(inner, inside, `${at}/${name}`);
  });
}

/** Name to type, of the interface that a file is about; null when it has none. */
function fieldsOf(source: string): Map<string, string> | null {
  const body = /^export interface \w+[^{]*\{\n([\s\S]*?)^\}/m.exec(source)?.[1];
  if (body === undefined) return null;
  return new Map(
    [...body.matchAll(/^ {4}"([^"]+)"\??: ([\s\S]*?;)\n(?= {4}["/]|$(?![\s\S]))/gm)].map(([, name = "", type = ""]) => [
      name,
      type,
    ]),
  );
}

function fileOf(type: string, source: string, file: string): string | null {
  if (type.includes("[key: string]")) return null; // labels and the like: any name will do
  // Spelled out in place, which is done for these alone.
  if (/^Array<\{/.test(type)) return path.join(models, "v1/PersistentVolumeClaim.d.ts");
  const name = /\bIIoK8s\w+/.exec(type)?.[0];
  const from = name && new RegExp(`\\{ ${name} \\} from "([^"]+)"`).exec(source)?.[1];
  if (!from) return null;
  const found = from.startsWith(".") ? path.join(path.dirname(file), from) : path.join(modules, from);
  return `${found.replace(/\.js$/, "")}.d.ts`;
}
