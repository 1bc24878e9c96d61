import type { CatalogJobAnswer } from "@/app/api/v1/schemas.ts";

/** What came of a job that is done, in a sentence. */
export function resultWords({ kind, result, message }: Pick<CatalogJobAnswer, "kind" | "result" | "message">): string {
  if (result === null) return message ?? "";
  const count = (name: string) => Number(result[name] ?? 0);
  const some = (name: string, words: string) =>
    count(name) > 0 ? [`${count(name).toLocaleString("en-US")} ${words}`] : [];
  if (kind === "registry") {
    const parts = [
      ...some("added", "new"),
      ...some("updated", "updated"),
      ...some("unchanged", "as they were"),
      ...some("unreadable", "could not be read"),
    ];
    return parts.length === 0 ? "It names no server." : `${sentence(parts)}.`;
  }
  const tools = count("tools") === 1 ? "1 tool" : `${count("tools").toLocaleString("en-US")} tools`;
  const version = typeof result.version === "string" ? ` of version ${result.version}` : "";
  const changes = [
    ...some("added", "new"),
    ...some("changed", "changed"),
    ...some("removed", "gone"),
    ...some("leftOut", "left out, because they cannot be named without doubt"),
  ];
  return `${tools}${version}${changes.length > 0 ? `: ${sentence(changes)}` : ", as they were"}.`;
}

function sentence(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
