/** What went wrong with a server: a sentence, and below it what the program itself said last. */
export function TroubleText({ text }: { text: string }) {
  const [sentence, ...output] = text.split("\n");
  return (
    <>
      <p>{sentence}</p>
      {output.length > 0 && (
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
          tabIndex={0}
          className="mt-2 max-h-56 overflow-auto rounded border border-danger-line bg-surface p-2.5 font-mono text-ink text-xs"
        >
          {output.join("\n").trim()}
        </pre>
      )}
    </>
  );
}
