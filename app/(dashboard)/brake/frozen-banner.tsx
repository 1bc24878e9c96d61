"use client";
import { Snowflake } from "lucide-react";
import { useFreezes, useMe } from "@/app/_client/queries.ts";
import type { FreezesAnswer } from "@/app/api/v1/schemas.ts";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { FreezeButton } from "./freeze-button.tsx";

type Freeze = FreezesAnswer["items"][number];

const shownMax = 3;

/** What is frozen, by whom, since when and why, above every page. */
export function FrozenBanner() {
  const freezes = useFreezes().data?.items ?? [];
  const mayRelease = useMe().data?.role === "admin";
  if (freezes.length === 0) return null;
  const shown = freezes.slice(0, shownMax);
  return (
    <div role="status" className="border-hold-line border-b bg-hold-soft px-4 py-2 text-hold text-sm sm:px-6 lg:px-8">
      <ul className="mx-auto grid max-w-6xl gap-1.5 lg:px-8">
        {shown.map((freeze) => (
          <li key={`${freeze.scope} ${freeze.id}`} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Snowflake aria-hidden="true" className="size-4 shrink-0" />
            <p className="min-w-0 flex-1 break-words">
              <span className="font-medium">{headline(freeze)}</span> Frozen {freeze.by && <>by {freeze.by} </>}
              <TimeAgo at={freeze.at} />
              {freeze.reason ? <>: “{freeze.reason}”</> : "."}
            </p>
            {mayRelease && <FreezeButton scope={freeze.scope} id={freeze.id} name={freeze.name} frozen />}
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
