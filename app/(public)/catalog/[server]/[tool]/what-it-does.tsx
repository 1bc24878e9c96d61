import { layOut } from "../../../../../catalog/lay-out.ts";
import type { ToolDetail } from "../../../../api/v1/catalog-schemas.ts";
import { Day } from "../../_parts/facts.tsx";
import { sourceName } from "../../_parts/identity.ts";
import { Say } from "../../_parts/say.tsx";
import { Section } from "../../_parts/section.tsx";
import { visible, visibleLines } from "../../_parts/visible.ts";
import { ArgumentsTable } from "./arguments-table.tsx";
import { whatItDoes } from "./tool-words.ts";

/** In our words, then in the server's own where they are known, then the arguments. */
export function WhatItDoes({ tool }: { tool: ToolDetail }) {
  const { name, server, description, definition } = tool;
  return (
    <Section id="what" title={`What ${visible(name)} does on ${visible(server.name)}`}>
      <div className="grid gap-4">
        <p className="max-w-2xl text-pretty">
          <Say said={whatItDoes(tool, { title: server.name })} />
        </p>
        {description !== null && <Quotation text={visibleLines(description)} server={server} at={server.seenAt} />}
        {description === null && server.evidence === "snapshot" && !isQuoted(tool) && (
          <p className="max-w-2xl text-pretty text-ink-muted text-sm">
            The server's own description does not ship with PolicyLayer; it is quoted here once this installation has
            listed the server's tools itself.
          </p>
        )}
        <ArgumentsTable parameters={tool.parameters} tool={visible(name)} />
        {definition !== null && <Definition text={layOut(definition)} />}
      </div>
    </Section>
  );
}

/** Words of the description stand among the evidence. */
function isQuoted({ signals }: ToolDetail): boolean {
  return signals.some(({ source, quote }) => source === "description" && quote !== null);
}

const quotedLengthMax = 600;
const keptLengthMax = 20_000;

function Quotation({ text, server, at }: { text: string; server: ToolDetail["server"]; at: string }) {
  const isLong = text.length > quotedLengthMax;
  const quote = "whitespace-pre-line text-pretty [overflow-wrap:anywhere]";
  return (
    <figure className="max-w-2xl border-line-strong border-l-2 pl-4">
      <blockquote className={quote}>“{isLong ? `${text.slice(0, quotedLengthMax).trimEnd()}…` : text}”</blockquote>
      {isLong && (
        <details className="mt-1">
          <summary className="font-medium text-accent text-sm">The whole description</summary>
          <blockquote className={`mt-2 text-ink-muted text-sm ${quote}`}>
            “{text.slice(0, keptLengthMax)}
            {text.length > keptLengthMax && "…"}”
          </blockquote>
        </details>
      )}
      <figcaption className="mt-1 text-ink-muted text-xs [overflow-wrap:anywhere]">
        The server's own words: {visible(sourceName(server.source))}
        {server.version !== null && ` ${visible(server.version)}`}, listed on <Day at={at} />. PolicyLayer does not
        vouch for them.
      </figcaption>
    </figure>
  );
}

function Definition({ text }: { text: string }) {
  const shown = visibleLines(text.slice(0, keptLengthMax));
  return (
    <details className="rounded-lg border bg-surface">
      <summary className="px-4 py-2.5 font-medium text-sm hover:bg-raised">
        The definition as the server sent it
      </summary>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        tabIndex={0}
        className="max-h-96 overflow-auto border-t px-4 py-3 font-mono text-ink-muted text-xs leading-5"
      >
        <code>
          {shown}
          {text.length > keptLengthMax && "…"}
        </code>
      </pre>
    </details>
  );
}
