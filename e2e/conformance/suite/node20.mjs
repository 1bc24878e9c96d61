// The suite imports `globSync` from `fs`, which Node has since 22, for a command that we do not use. On Node 20 this gives it one.
import { register } from "node:module";

const shim = `export * from "node:fs";
export { default } from "node:fs";
export function globSync() { throw new Error("fs.globSync needs Node 22"); }`;
const shimUrl = `data:text/javascript,${encodeURIComponent(shim)}`;

const hook = `export async function resolve(specifier, context, next) {
  const isSuites = /\\/@modelcontextprotocol\\/conformance\\/dist\\//.test(context.parentURL ?? "");
  return specifier === "fs" && isSuites ? { url: ${JSON.stringify(shimUrl)}, shortCircuit: true } : next(specifier, context);
}`;
if (Number(process.versions.node.split(".")[0]) < 22) register(`data:text/javascript,${encodeURIComponent(hook)}`);
