const token = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\b(?:true|false|null)\b/g;

/** JSON text in the colours of the editor. */
export function ColouredJson({ text }: { text: string }) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    parts.push(text.slice(end, match.index));
    const [whole, colon = ""] = match;
    parts.push(
      <span key={match.index} style={{ color: `var(--code-${kindOf(whole, colon !== "")})` }}>
        {whole.slice(0, whole.length - colon.length)}
      </span>,
      colon,
    );
    end = match.index + whole.length;
  }
  parts.push(text.slice(end));
  return parts;
}

function kindOf(word: string, isKey: boolean): "key" | "string" | "number" | "atom" {
  if (word.startsWith('"')) return isKey ? "key" : "string";
  return /^[tfn]/.test(word) ? "atom" : "number";
}
