"use client";
import { ArrowRight, Bot, Cog, User } from "lucide-react";
import type { AuditFilters } from "@/app/_client/members.ts";
import type { AuditEventAnswer } from "@/app/api/v1/member-schemas.ts";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { actionWords, changesOf, type FieldChange, fieldWords, valueWords } from "./words.ts";

const actorIcons = { member: User, api_key: Bot, system: Cog };

export function AuditRow({
  event,
  onFilter,
}: {
  event: AuditEventAnswer;
  onFilter: (changes: Partial<AuditFilters>) => void;
}) {
  const { actor, target, before, after, address, at, action } = event;
  const Icon = actorIcons[actor.kind];
  const changes = changesOf(before, after);
  // Of one's own account the target is who did it.
  const named = target.name !== null && target.id !== actor.id ? target.name : null;
  return (
    <li className="flex gap-3 px-4 py-3">
      <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-ink-muted" />
      <div className="min-w-0 flex-1">
        <p className="[overflow-wrap:anywhere]">
          <FilterText
            text={actor.name}
            label={`Only changes by ${actor.name}`}
            onClick={actor.id === null ? null : () => onFilter({ actorId: actor.id ?? "" })}
          />{" "}
          {actionWords(action)}
          {named !== null && (
            <>
              {" "}
              <FilterText
                text={named}
                label={`Only changes of ${named}`}
                onClick={target.id === null ? null : () => onFilter({ targetId: target.id ?? "" })}
              />
            </>
          )}
        </p>
        <p className="text-ink-muted text-xs">
          <TimeAgo at={at} />
          {address && <span className="break-all"> from {address}</span>}
        </p>
        {changes.length > 0 && (
          <dl className="mt-1.5 grid gap-x-4 gap-y-1 text-sm sm:grid-cols-[10rem_minmax(0,1fr)]">
            {changes.map((change) => (
              <Change key={change.field} change={change} hasBefore={before !== null} hasAfter={after !== null} />
            ))}
          </dl>
        )}
      </div>
    </li>
  );
}

function Change({ change, hasBefore, hasAfter }: { change: FieldChange; hasBefore: boolean; hasAfter: boolean }) {
  const showsBoth = hasBefore && hasAfter && change.before !== undefined;
  return (
    <>
      <dt className="text-ink-muted">{fieldWords(change.field)}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere]">
        {(showsBoth || !hasAfter) && (
          <del className="rounded bg-danger-soft px-1 text-ink no-underline">
            <span className="sr-only">before: </span>
            {valueWords(change.before, change.field)}
          </del>
        )}
        {showsBoth && <ArrowRight aria-hidden="true" className="mx-1.5 inline size-3.5 text-ink-muted" />}
        {hasAfter && (
          <ins className="rounded bg-ok-soft px-1 text-ink no-underline">
            {showsBoth && <span className="sr-only">after: </span>}
            {valueWords(change.after, change.field)}
          </ins>
        )}
      </dd>
    </>
  );
}

function FilterText({ text, label, onClick }: { text: string; label: string; onClick: (() => void) | null }) {
  if (!onClick) return <span className="font-medium">{text}</span>;
  return (
    <button
      type="button"
      title={label}
      onClick={onClick}
      className="rounded text-left font-medium decoration-line-strong underline-offset-4 hover:underline"
    >
      {text}
    </button>
  );
}
