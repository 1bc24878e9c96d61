import type { Candidate } from "@/catalog/registered.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { cn } from "@/components/ui/cn.ts";

/** The organisation's servers as radio buttons, those that fit first, each with why. */
export function ServerChoice({
  candidates,
  tool,
  value,
  onChange,
  error,
}: {
  candidates: readonly Candidate[];
  tool: string | null;
  value: string | null;
  onChange: (id: string) => void;
  error: string | null;
}) {
  if (candidates.length === 0) {
    return (
      <div>
        <p className="font-medium text-sm">None of your servers yet</p>
        <p className="mt-1 text-pretty text-ink-muted text-sm">
          A policy is for a server that you have registered. Register this one first; you come back here by yourself.
        </p>
      </div>
    );
  }
  return (
    <fieldset aria-describedby={error === null ? undefined : "server-error"}>
      <legend className="mb-1.5 font-medium text-sm">For which of your servers</legend>
      <div className="grid gap-1.5">
        {candidates.map((candidate) => (
          <label
            key={candidate.id}
            className={cn(
              "flex cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 rounded-md border bg-surface px-3 py-2 hover:border-line-strong has-focus-visible:outline-2 has-focus-visible:outline-accent",
              candidate.id === value && "border-accent bg-accent-soft hover:border-accent",
            )}
          >
            <input
              type="radio"
              name="server"
              value={candidate.id}
              checked={candidate.id === value}
              onChange={() => onChange(candidate.id)}
              className="accent-(--accent)"
            />
            <span className="min-w-0 font-medium text-sm [overflow-wrap:anywhere]">{candidate.name}</span>
            {candidate.match === "source" && <Badge tone="ok">the same source</Badge>}
            {candidate.match === "tools" && <Badge tone="accent">the same tools</Badge>}
            <span className="ml-auto text-ink-muted text-xs">{whyWords(candidate, tool)}</span>
          </label>
        ))}
      </div>
      {error !== null && (
        <p id="server-error" role="alert" className="mt-1.5 text-danger text-sm">
          {error}
        </p>
      )}
    </fieldset>
  );
}

function whyWords({ shared, tools, hasTool }: Candidate, tool: string | null): string {
  if (tools === 0) return "It lists no tools.";
  const same = `${shared} of its ${tools} ${tools === 1 ? "tool has a name" : "tools have names"} of this server's`;
  if (tool === null || hasTool === null) return `${same}.`;
  return hasTool
    ? `It has ${tool.length > 40 ? "the tool" : tool}.`
    : `${same}; ${tool.length > 40 ? "the tool" : tool} is not among them.`;
}
