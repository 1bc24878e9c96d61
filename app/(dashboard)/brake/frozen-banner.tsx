"use client";
import { Snowflake, Sun } from "lucide-react";
import { useState } from "react";
import { useFreezes, useMe } from "@/app/_client/queries.ts";
import type { FreezesAnswer } from "@/app/api/v1/schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { FreezeDialog } from "./freeze-dialog.tsx";

type Freeze = FreezesAnswer["items"][number];

const shownMax = 3;

/** What is frozen, by whom, since when and why, above every page. */
export function FrozenBanner() {
  const freezes = useFreezes().data?.items ?? [];
  const mayRelease = useMe().data?.role === "admin";
  const [releasing, setReleasing] = useState<Freeze | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const release = (freeze: Freeze) => {
    setReleasing(freeze);
    setIsAsking(true);
  };
  // The dialog is not the line's own: it still says how it went when what was released is gone from here.
  return (
    <>
      {freezes.length > 0 && <Lines freezes={freezes} onRelease={mayRelease ? release : null} />}
      {releasing && (
        <FreezeDialog
          open={isAsking}
          onOpenChange={setIsAsking}
          scope={releasing.scope}
          id={releasing.id}
          name={releasing.name}
          frozen
        />
      )}
    </>
  );
}

/** @param onRelease Null for those who may not. */
function Lines({ freezes, onRelease }: { freezes: Freeze[]; onRelease: ((freeze: Freeze) => void) | null }) {
  const shown = freezes.slice(0, shownMax);
  return (
    <div role="status" className="border-hold-line border-b bg-hold-soft py-2 text-hold text-sm">
      <ul className="mx-auto grid max-w-6xl gap-1.5 px-4 sm:px-6 lg:px-8">
        {shown.map((freeze) => (
          <li key={`${freeze.scope} ${freeze.id}`} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Snowflake aria-hidden="true" className="size-4 shrink-0" />
            <p className="min-w-0 grow basis-56 break-words">
              <span className="font-medium">{headline(freeze)}</span> Frozen {freeze.by && <>by {freeze.by} </>}
              <TimeAgo at={freeze.at} />
              {freeze.reason ? <>: “{freeze.reason}”</> : "."}
            </p>
            {onRelease && (
              <Button onClick={() => onRelease(freeze)}>
                <Sun aria-hidden="true" />
                Unfreeze…
              </Button>
            )}
          </li>
        ))}
        {freezes.length > shown.length && <li>and {freezes.length - shown.length} more.</li>}
      </ul>
    </div>
  );
}

function headline({ scope, name }: Freeze): string {
  if (scope === "organisation") return "Everything is frozen: every tool call of this organisation is refused.";
  return scope === "server" ? `The server ${name} is frozen.` : `The grant ${name} is frozen.`;
}
