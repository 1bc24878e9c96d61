// What an owner settles for a whole server, whatever the policies of its grants say.

/** What happens when a server serves a definition that nobody accepted. */
export const definitionChangeChoices = ["serve", "hold", "block"] as const;
export type OnDefinitionChange = (typeof definitionChangeChoices)[number];

/** The parts of the protocol besides tools that are relayed or refused as a whole. */
export const methodGroups = [
  "prompts",
  "resources",
  "completion",
  "sampling",
  "elicitation",
  "roots",
  "tasks",
  "logging",
] as const;
export type MethodGroup = (typeof methodGroups)[number];

/** The groups that a server's `methods` refuse. What is not understood refuses nothing: absent is `relay`. */
export function refusedMethods(methods: unknown): ReadonlySet<MethodGroup> {
  const given = new Map(Object.entries(typeof methods === "object" && methods !== null ? methods : {}));
  return new Set(methodGroups.filter((group) => given.get(group) === "refuse"));
}

/** A choice that is not known is the careful one. */
export function readOnDefinitionChange(value: string): OnDefinitionChange {
  return definitionChangeChoices.find((choice) => choice === value) ?? "hold";
}
