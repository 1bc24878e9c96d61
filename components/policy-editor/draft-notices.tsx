"use client";
import { useMemo, useState } from "react";
import { parsePolicy } from "../../policy/parse.ts";
import type { KnownTool } from "../../policy/reachable.ts";
import { Button } from "../ui/button.tsx";
import { Callout } from "../ui/callout.tsx";
import type { Arrival } from "./autosave.ts";
import { ChangeList } from "./change-list.tsx";

/** How a text came in that the author did not write. */
export function ArrivalNote({ how, onUndo }: { how: Arrival; onUndo: () => void }) {
  if (how === "chosen") return null;
  return (
    <p role="status" className="flex flex-wrap items-center gap-x-2 text-ink-muted text-sm">
      {how === "taken" ? "Updated with changes made elsewhere." : "Merged with changes made elsewhere."}
      <Button size="sm" variant="link" onClick={onUndo}>
        {how === "taken" ? "Undo them" : "Back to mine"}
      </Button>
    </p>
  );
}

/** The same place was changed on both sides: the author decides, knowing what differs. */
export function ConflictNotice({
  mine,
  theirs,
  tools,
  takeTheirs,
  keepMine,
}: {
  mine: string;
  theirs: string;
  tools: readonly KnownTool[];
  takeTheirs: () => void;
  keepMine: () => Promise<void>;
}) {
  const [pending, setPending] = useState(false);
  const documents = useMemo(() => ({ mine: parsePolicy(mine), theirs: parsePolicy(theirs) }), [mine, theirs]);

  async function keep() {
    setPending(true);
    await keepMine();
    setPending(false);
  }

  return (
    <Callout
      tone="warn"
      role="alert"
      title="Someone else changed this draft in the same place"
      actions={
        <>
          <Button size="sm" onClick={takeTheirs}>
            Load theirs
          </Button>
          <Button size="sm" loading={pending} onClick={() => void keep()}>
            Keep mine
          </Button>
        </>
      }
    >
      Nothing is overwritten until you choose, and Undo brings the other one back.
      {documents.mine.ok && documents.theirs.ok ? (
        <details className="mt-1.5" open>
          <summary className="cursor-pointer text-ink">What theirs changes compared with yours</summary>
          <div className="mt-1">
            <ChangeList before={documents.mine.document} after={documents.theirs.document} tools={tools} />
          </div>
        </details>
      ) : (
        <span className="block">
          {documents.mine.ok ? "Theirs" : "Yours"} has errors at the moment, so the two cannot be compared.
        </span>
      )}
    </Callout>
  );
}
