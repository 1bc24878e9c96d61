"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import type * as z from "zod";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { reloadAll, useServers } from "@/app/_client/queries.ts";
import type { policyCreated } from "@/app/api/v1/schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { ChoiceCards } from "@/components/ui/choice-cards.tsx";
import { Dialog, DialogClose, DialogContent } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Select } from "@/components/ui/select.tsx";
import { Textarea } from "@/components/ui/textarea.tsx";
import { parsePolicy } from "@/policy/parse.ts";
import { startingPoints } from "./starting-points.ts";

const paste = "paste";

export function NewPolicyDialog({
  open,
  onOpenChange,
  serverId,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Null: the person chooses. */
  serverId: string | null;
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        title="New policy"
        description="Version 1 is published at once. Nothing uses it until a grant points at it."
      >
        <NewPolicyForm serverId={serverId} />
      </DialogContent>
    </Dialog>
  );
}

function NewPolicyForm({ serverId }: { serverId: string | null }) {
  const router = useRouter();
  const client = useQueryClient();
  const servers = useServers().data ?? [];
  const [chosenServer, setChosenServer] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [from, setFrom] = useState(startingPoints[0]?.id ?? paste);
  const [pasted, setPasted] = useState("");
  const [mode, setMode] = useState("enforce");
  const [tried, setTried] = useState(false);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  const target = serverId ?? chosenServer ?? servers[0]?.id ?? null;
  const point = startingPoints.find((each) => each.id === from);
  const document = point?.document ?? pasted;
  const pastedTrouble = from === paste ? firstError(pasted) : null;

  async function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    setTrouble(null);
    if (pending || !target || name.trim() === "" || pastedTrouble) return;
    setPending(true);
    const answer = await send<z.infer<typeof policyCreated>>("POST", `/servers/${target}/policies`, {
      name: name.trim(),
      document,
      mode,
    });
    if (!answer.ok) {
      setPending(false);
      setTrouble(answer.trouble);
      return;
    }
    router.push(`/policies/${answer.value.id}`);
    await reloadAll(client);
  }

  return (
    <form noValidate className="grid gap-5 pb-2" onSubmit={(event) => void submit(event)}>
      {serverId === null && (
        <Field label="Server">
          {(control) => (
            <Select
              {...control}
              value={target ?? ""}
              onValueChange={setChosenServer}
              placeholder="Choose a server"
              options={servers.map((server) => ({ value: server.id, label: server.name }))}
            />
          )}
        </Field>
      )}
      <Field
        label="Name"
        error={fieldError(trouble, "name") ?? (tried && name.trim() === "" ? "Give the policy a name." : null)}
      >
        {(control) => (
          <Input
            {...control}
            maxLength={100}
            autoComplete="off"
            placeholder="CI runner"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <ChoiceCards
        label="Start from"
        value={from}
        onChange={setFrom}
        choices={[
          ...startingPoints.map(({ id, title, about }) => ({ value: id, title, about })),
          { value: paste, title: "Paste JSON", about: "A policy document you already have." },
        ]}
      />
      {from === paste && (
        <Field label="Policy document (JSON)" error={pasted.trim() !== "" || tried ? pastedTrouble : null}>
          {(control) => (
            <Textarea
              {...control}
              rows={10}
              spellCheck={false}
              className="min-h-48 font-mono text-xs"
              placeholder={'{\n  "version": "1",\n  "default": "deny",\n  "tools": {}\n}'}
              value={pasted}
              onChange={(event) => setPasted(event.target.value)}
            />
          )}
        </Field>
      )}
      <ChoiceCards
        label="Mode"
        value={mode}
        onChange={setMode}
        choices={[
          { value: "enforce", title: "Enforce", about: "What the policy refuses is not done." },
          {
            value: "shadow",
            title: "Shadow",
            about: "Every call goes through; the log says what would have been refused.",
          },
        ]}
      />
      {trouble && !fieldError(trouble, "name") && (
        <Callout tone="danger" role="alert" title="The policy was not created">
          {trouble.detail}
        </Callout>
      )}
      <div className="flex justify-end gap-2">
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button type="submit" variant="primary" loading={pending} disabled={!target}>
          Create policy
        </Button>
      </div>
    </form>
  );
}

function firstError(text: string): string | null {
  if (text.trim() === "") return "Paste a policy document.";
  const parsed = parsePolicy(text);
  if (parsed.ok) return null;
  const [first, ...more] = parsed.problems.filter((problem) => problem.severity === "error");
  if (!first) return null;
  const place = first.line === undefined ? "" : `Line ${first.line}: `;
  return `${place}${first.message}.${more.length > 0 ? ` And ${more.length} more.` : ""}`;
}
