import type { Source } from "../../../../catalog/attacks/attack.ts";
import { OutLink } from "../../catalog/_parts/facts.tsx";

/** Where what is said can be read up. */
export function SourceList({ sources }: { sources: readonly Source[] }) {
  return (
    <ul className="grid max-w-3xl gap-2 text-sm">
      {sources.map(({ title, url, date }) => (
        <li key={url} className="flex flex-wrap items-baseline gap-x-2">
          <OutLink href={url}>{title}</OutLink>
          <span className="text-ink-faint text-xs">
            {new URL(url).hostname.replace(/^www\./, "")}
            {date !== undefined && (
              <>
                , <time dateTime={date}>{date}</time>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
