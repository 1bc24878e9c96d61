/** A refusal as the agent reads it: a text that a model can tell from a tool's own failure. */
export function denialText(message: string): string {
  return `[POLICY DENIED] ${message}`;
}
