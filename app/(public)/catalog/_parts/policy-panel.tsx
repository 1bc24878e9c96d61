import { ChevronRight, SquarePen } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button.tsx";
import { ColouredJson } from "@/components/ui/coloured-json.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { visibleJson } from "./visible.ts";

/** A longer document is folded: what it says in short stands above it. */
const linesShownMax = 60;

/** A policy as it can be pasted, and the way into the builder with it. */
export function PolicyPanel({ text, openHref, label }: { text: string; openHref: string | null; label: string }) {
  const whole = visibleJson(text);
  const shown = whole.trimEnd();
  const lines = shown.split("\n").length;
  return (
    <figure aria-label={label} className="overflow-hidden rounded-lg border bg-surface">
      <figcaption className="flex min-h-11 flex-wrap items-center justify-between gap-x-3 gap-y-1.5 border-b bg-raised/60 py-1.5 pr-2 pl-4">
        <span className="font-mono text-ink-muted text-xs">policy.json</span>
        <span className="flex flex-wrap gap-1.5">
          <CopyButton text={whole} label="Copy" />
          {openHref !== null && (
            <Button asChild size="sm" variant="primary">
              <Link href={openHref} prefetch={false} rel="nofollow">
                <SquarePen aria-hidden="true" />
                Open in the builder
              </Link>
            </Button>
          )}
        </span>
      </figcaption>
      {lines <= linesShownMax ? (
        <Text text={shown} label={label} isColoured />
      ) : (
        <details className="group">
          <summary className="flex items-center gap-1.5 px-4 py-2.5 font-medium text-sm marker:content-none hover:bg-raised">
            <ChevronRight aria-hidden="true" className="size-3.5 transition-transform group-open:rotate-90" />
            Show all {lines.toLocaleString("en-US")} lines
          </summary>
          <div className="border-t">
            <Text text={shown} label={label} />
          </div>
        </details>
      )}
    </figure>
  );
}

/** Colours cost an element for each word, twice over: in the markup and in what the browser gets besides. */
function Text({ text, label, isColoured }: { text: string; label: string; isColoured?: boolean }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a named region is what a part that scrolls is found by
    <pre
      role="region"
      aria-label={`${label}, text`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
      tabIndex={0}
      className="max-h-[32rem] overflow-auto px-4 py-3 font-mono text-ink-muted text-xs leading-5"
    >
      <code>{isColoured ? <ColouredJson text={text} /> : text}</code>
    </pre>
  );
}
