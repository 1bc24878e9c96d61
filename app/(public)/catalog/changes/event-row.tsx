import Link from "next/link";
import { DefinitionDiff } from "@/components/definition/definition-diff.tsx";
import { serverPath, toolPath } from "../../../../catalog/address.ts";
import type { CatalogEventRow } from "../../../api/v1/catalog-schemas.ts";
import { whatHappened } from "../_parts/event-words.ts";
import { Day } from "../_parts/facts.tsx";
import { Name } from "../_parts/say.tsx";
import { visible } from "../_parts/visible.ts";

/** Longer ones are not worth the weight of the page: the tool's own page has the definition. */
const shownLengthMax = 20_000;

/** One change; of a changed definition, what is different. Opens without a script. */
export function EventRow({
  event,
  ofServer,
}: {
  event: CatalogEventRow /** Whose list this is. */;
  ofServer: boolean;
}) {
  const { server, tool, before, after } = event;
  return (
    <li className="grid gap-2 px-4 py-3.5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 text-sm">
        <h2 className="min-w-0 [overflow-wrap:anywhere]">
          {!ofServer && (
            <>
              <Link
                href={serverPath(server.slug)}
                prefetch={false}
                className="rounded font-medium text-accent hover:underline"
              >
                {visible(server.name)}
              </Link>
              {tool === null ? ": " : " · "}
            </>
          )}
          {tool !== null && (
            <>
              <Link href={toolPath(server.slug, tool)} prefetch={false} className="rounded hover:underline">
                <Name text={tool} />
              </Link>{" "}
            </>
          )}
          {whatHappened(event)}
        </h2>
        <span className="text-ink-muted text-xs">
          <Day at={event.at} />
        </span>
      </div>
      {event.kind === "tool_changed" && <Difference tool={tool ?? ""} before={before} after={after} />}
    </li>
  );
}

function Difference({ tool, before, after }: { tool: string; before: string | null; after: string | null }) {
  if (before === null || after === null) {
    return (
      <p className="text-ink-muted text-xs">The definition before was not kept, so only the kind of change is known.</p>
    );
  }
  if (before.length + after.length > shownLengthMax) {
    return <p className="text-ink-muted text-xs">The definition is too long to be compared here.</p>;
  }
  return (
    <details>
      <summary className="w-fit cursor-pointer rounded text-accent text-sm hover:underline">What is different</summary>
      <div className="mt-2">
        <DefinitionDiff change={{ kind: "tool", name: visible(tool), before, after, isDifference: true }} />
      </div>
    </details>
  );
}
