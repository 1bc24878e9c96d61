import { applyEdits, format } from "jsonc-parser";
import { CircleAlert, CircleCheck, TriangleAlert, WrapText } from "lucide-react";
import type { Problem } from "../../policy/problems.ts";
import { SentenceText } from "../sentence-text.tsx";
import { Button } from "../ui/button.tsx";

/** Under the JSON: the first problem, which takes the cursor to its place, and the button that lays the text out. */
export function JsonFooter({
  text,
  problems,
  onGo,
  onFormat,
}: {
  text: string;
  problems: readonly Problem[];
  onGo: (problem: Problem) => void;
  /** Null while it cannot be done. */
  onFormat: ((text: string) => void) | null;
}) {
  const first = problems.find(({ severity }) => severity === "error") ?? problems[0];
  const isError = first?.severity === "error";
  const Icon = isError ? CircleAlert : TriangleAlert;
  return (
    <div className="flex min-h-9 shrink-0 items-center gap-2 border-t px-2 py-1">
      <div role="status" className="min-w-0 flex-1 text-xs">
        {first ? (
          <button
            type="button"
            onClick={() => onGo(first)}
            className="flex w-full min-w-0 items-center gap-1.5 rounded px-1 py-0.5 text-left text-ink hover:bg-raised"
          >
            <Icon aria-hidden="true" className={`size-3.5 shrink-0 ${isError ? "text-danger" : "text-warn"}`} />
            <span className="min-w-0 truncate">
              {first.line !== undefined && `Line ${first.line}: `}
              <SentenceText text={first.message} />
            </span>
            {problems.length > 1 && <span className="shrink-0 text-ink-muted">and {problems.length - 1} more</span>}
          </button>
        ) : (
          <span className="flex items-center gap-1.5 px-1 text-ink-muted">
            <CircleCheck aria-hidden="true" className="size-3.5 text-ok" />
            No problems
          </span>
        )}
      </div>
      <Button
        size="sm"
        variant="ghost"
        title="Lay out with two spaces; nothing but white space changes"
        disabled={onFormat === null}
        onClick={() => onFormat?.(formatted(text))}
      >
        <WrapText aria-hidden="true" />
        Format
      </Button>
    </div>
  );
}

/** Only white space changes: numbers and strings stay as their author wrote them. */
function formatted(text: string): string {
  const options = { tabSize: 2, insertSpaces: true, eol: "\n", insertFinalNewline: true };
  return applyEdits(text, format(text, undefined, options));
}
