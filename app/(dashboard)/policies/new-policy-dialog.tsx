"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import type * as z from "zod";
import { fieldError, send, type Trouble, troubleIn } from "@/app/_client/api.ts";
import { reloadAll, useServer, useServers } from "@/app/_client/queries.ts";
import type { policyCreated } from "@/app/api/v1/schemas.ts";
import type { EditorTool } from "@/components/policy-editor/editor-tool.ts";
import { StartingPointFields, useStartingPoint } from "@/components/policy-editor/starting-point.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { ChoiceCards } from "@/components/ui/choice-cards.tsx";
import { Dialog, DialogActions, DialogClose, DialogContent } from "@/components/ui/dialog.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Select } from "@/components/ui/select.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { useStartingSources } from "./starting-sources.ts";

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
        size="lg"
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
  const [mode, setMode] = useState("enforce");
  const [tried, setTried] = useState(false);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  const target = serverId ?? chosenServer ?? servers[0]?.id ?? null;
  const server = useServer(target);
  const sources = useStartingSources(target ?? "");
  const point = useStartingPoint(server.data?.tools ?? noTools, sources);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    setTrouble(null);
    if (pending || !target || !server.data || name.trim() === "" || point.text === null || point.trouble !== null)
      return;
    setPending(true);
    const answer = await send<z.infer<typeof policyCreated>>("POST", `/servers/${target}/policies`, {
      name: name.trim(),
      document: point.text,
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
    <form noValidate className="grid gap-5" onSubmit={(event) => void submit(event)}>
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
      {server.isError ? (
        <ErrorState
          title="The server's tools could not be loaded"
          detail={troubleIn(server.error).detail}
          onRetry={() => void server.refetch()}
        />
      ) : server.data || target === null ? (
        <StartingPointFields point={point} tried={tried} />
      ) : (
        <SkeletonRows label="Loading the server's tools" rows={4} />
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
      <DialogActions>
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button type="submit" variant="primary" loading={pending} disabled={!target}>
          Create policy
        </Button>
      </DialogActions>
    </form>
  );
}

const noTools: readonly EditorTool[] = [];
