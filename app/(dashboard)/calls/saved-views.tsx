"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Bookmark, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { fieldError, send, type Trouble, troubleIn } from "@/app/_client/api.ts";
import { useViews } from "@/app/_client/call-queries.ts";
import { useMe } from "@/app/_client/queries.ts";
import type { ViewAnswer } from "@/app/api/v1/call-schemas.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Dialog, DialogContent, DialogTrigger } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";

/** Filters under a name: applied, saved and taken away in one place. */
export function SavedViews({
  query,
  onApply,
}: {
  /** The filters of now. */ query: string;
  onApply: (query: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const views = useViews();
  const client = useQueryClient();
  const isAdmin = useMe().data?.role === "admin";
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const reload = () => client.invalidateQueries({ queryKey: ["views"] });

  async function remove(id: string) {
    const answer = await send("DELETE", `/views/${id}`);
    setTrouble(answer.ok ? null : answer.trouble);
    await reload();
  }

  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button>
          <Bookmark aria-hidden="true" />
          Views
        </Button>
      </DialogTrigger>
      <DialogContent size="sm" title="Saved views" description="Filters of the call log under a name.">
        {views.isError && <Callout tone="danger">{troubleIn(views.error).detail}</Callout>}
        {views.data?.length === 0 && <p className="text-ink-muted text-sm">None yet.</p>}
        {views.data && views.data.length > 0 && (
          <ul aria-label="Saved views" className="divide-y rounded-md border">
            {views.data.map((view) => (
              <ViewRow
                key={view.id}
                view={view}
                onApply={() => {
                  onApply(view.query);
                  setOpen(false);
                }}
                onRemove={view.mine || isAdmin ? () => void remove(view.id) : null}
              />
            ))}
          </ul>
        )}
        {trouble && (
          <Callout tone="danger" role="alert" className="mt-3">
            {trouble.detail}
          </Callout>
        )}
        <NewView query={query} onSaved={reload} />
      </DialogContent>
    </Dialog>
  );
}

function ViewRow({
  view,
  onApply,
  onRemove,
}: {
  view: ViewAnswer;
  onApply: () => void;
  onRemove: (() => void) | null;
}) {
  return (
    <li className="flex items-center gap-2 py-1 pr-1 pl-3">
      <button
        type="button"
        onClick={onApply}
        className="min-w-0 flex-1 truncate rounded py-1 text-left font-medium text-sm hover:underline"
      >
        {view.name}
      </button>
      {view.shared && <Badge>everybody</Badge>}
      {onRemove && (
        <Button variant="ghost" size="iconSm" aria-label={`Delete the view ${view.name}`} onClick={onRemove}>
          <Trash2 aria-hidden="true" />
        </Button>
      )}
    </li>
  );
}

function NewView({ query, onSaved }: { query: string; onSaved: () => Promise<void> }) {
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  if (query === "") {
    return <p className="mt-4 text-ink-muted text-sm">Set a filter, and you can save it here.</p>;
  }

  async function save(event: FormEvent) {
    event.preventDefault();
    if (pending || name.trim() === "") return;
    setPending(true);
    const answer = await send<ViewAnswer>("POST", "/views", { name: name.trim(), query, shared });
    setPending(false);
    setTrouble(answer.ok ? null : answer.trouble);
    if (!answer.ok) return;
    setName("");
    await onSaved();
  }

  return (
    <form className="mt-4 grid gap-3" onSubmit={(event) => void save(event)}>
      <Field label="Save the filters of now as" error={fieldError(trouble, "name") ?? trouble?.detail ?? null}>
        {(control) => (
          <Input
            {...control}
            maxLength={80}
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="accent-(--accent)"
            checked={shared}
            onChange={(event) => setShared(event.target.checked)}
          />
          For everybody of the organisation
        </label>
        <Button type="submit" variant="primary" loading={pending} disabled={name.trim() === ""}>
          Save
        </Button>
      </div>
    </form>
  );
}
