"use client";
import { useMemo, useState } from "react";
import { layOut } from "../../catalog/lay-out.ts";
import { TextDiff } from "../policy-editor/text-diff.tsx";
import { cn } from "../ui/cn.ts";
import { CodeBlock } from "../ui/code-block.tsx";
import { DisclosureButton } from "../ui/disclosure.tsx";
import { visibleJson, visibleLines } from "../visible.ts";
import { wordDiff } from "./word-diff.ts";

export type DefinitionChange = {
  kind: "tool" | "prompt" | "instructions";
  name: string;
  /** JSON texts; null where there was or is none. */
  before: string | null;
  after: string | null;
  /** Whether the two are to be compared, and not just shown. */
  isDifference: boolean;
};

/** The old definition beside the new one: its words as prose, the rest as lines. */
export function DefinitionDiff({ change }: { change: DefinitionChange }) {
  const { before, after } = change;
  const [was, is] = [descriptionIn(before), descriptionIn(after)];
  const rest = useMemo(() => [withoutDescription(before), withoutDescription(after)] as const, [before, after]);
  const isOnlyWords = before !== null && after !== null && rest[0] === rest[1];
  if (!change.isDifference) return <Whole definition={after ?? before} />;
  return (
    <div className="grid gap-3">
      {is !== null && was !== is && (
        <div className="grid gap-1.5">
          <h3 className="font-medium text-sm">
            {change.kind === "instructions" ? "What agents are told" : "Description"}
          </h3>
          {before === null || was === null ? <Prose text={is} /> : <WordDiff before={was} after={is} />}
        </div>
      )}
      {was !== null && is === null && after !== null && (
        <div className="grid gap-1.5">
          <h3 className="font-medium text-sm">Description</h3>
          <WordDiff before={was} after="" />
        </div>
      )}
      {change.kind !== "instructions" &&
        !isOnlyWords &&
        (before !== null && after !== null ? (
          <div className="grid gap-1.5">
            <h3 className="font-medium text-sm">{was === is ? "Definition" : "The rest of the definition"}</h3>
            <TextDiff before={rest[0]} after={rest[1]} label={`Changes of the definition of ${change.name}`} />
          </div>
        ) : (
          <Whole definition={after ?? before} />
        ))}
    </div>
  );
}

function Prose({ text }: { text: string }) {
  return (
    <p className="max-h-72 overflow-y-auto whitespace-pre-wrap break-words rounded-md border bg-canvas px-3 py-2 text-sm">
      {text || <span className="text-ink-muted">Empty</span>}
    </p>
  );
}

const looks = {
  same: "text-ink-muted",
  gone: "bg-danger-soft text-danger line-through decoration-danger/60",
  come: "bg-ok-soft font-medium text-ok",
};

function WordDiff({ before, after }: { before: string; after: string }) {
  const pieces = useMemo(() => wordDiff(before, after), [before, after]);
  return (
    <p className="max-h-72 overflow-y-auto whitespace-pre-wrap break-words rounded-md border bg-canvas px-3 py-2 text-sm">
      {pieces.map(({ kind, text }, at) => {
        const Element = kind === "gone" ? "del" : kind === "come" ? "ins" : "span";
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces never move
          <Element key={at} className={cn("rounded-xs no-underline", looks[kind])}>
            {text}
          </Element>
        );
      })}
    </p>
  );
}

function Whole({ definition }: { definition: string | null }) {
  const [open, setOpen] = useState(false);
  if (definition === null) return null;
  return (
    <div className="grid gap-2">
      <DisclosureButton
        open={open}
        onClick={() => setOpen(!open)}
        className="w-fit text-ink-muted text-xs hover:text-ink"
      >
        Definition
      </DisclosureButton>
      {open && <CodeBlock text={visibleJson(layOut(definition))} label="As the server sent it, keys in order" />}
    </div>
  );
}

/** The words that an agent reads first: a description, or instructions. What they would hide is written out. */
function descriptionIn(definition: string | null): string | null {
  if (definition === null) return null;
  const value: unknown = JSON.parse(definition);
  if (typeof value === "string") return visibleLines(value);
  const description =
    typeof value === "object" && value !== null && Object.hasOwn(value, "description")
      ? (value as { description: unknown }).description
      : null;
  return typeof description === "string" ? visibleLines(description) : null;
}

/** Laid out, without the line that is shown as prose. */
function withoutDescription(definition: string | null): string {
  if (definition === null) return "";
  const lines = visibleJson(layOut(definition)).split("\n");
  return lines.filter((line) => !line.startsWith('  "description": "')).join("\n");
}
