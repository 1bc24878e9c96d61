"use client";
import { useQueryClient } from "@tanstack/react-query";
import { KeySquare, Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import type * as z from "zod";
import { fieldError, send, type Trouble, troubleIn } from "@/app/_client/api.ts";
import { type ApiKey, useApiKeys } from "@/app/_client/queries.ts";
import type { apiKeyAnswer } from "@/app/api/v1/schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card, CardHeader } from "@/components/ui/card.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { Dialog, DialogClose, DialogContent } from "@/components/ui/dialog.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { Table, Td, Th, Tr } from "@/components/ui/table.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";

export function ApiKeys() {
  const keys = useApiKeys();
  const client = useQueryClient();
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<ApiKey | null>(null);

  async function remove(): Promise<string | null> {
    const answer = await send("DELETE", `/api-keys/${deleting?.id}`);
    if (!answer.ok) return answer.trouble.detail;
    await client.invalidateQueries({ queryKey: ["api-keys"] });
    return null;
  }

  const create = (
    <Button onClick={() => setCreating(true)}>
      <Plus aria-hidden="true" />
      New API key
    </Button>
  );

  return (
    <Card>
      <CardHeader
        title="API keys"
        description="For scripts that use the management API, with your permissions. Agents use grants instead."
        actions={keys.data && keys.data.length > 0 && create}
      />
      <div className="border-t">
        {keys.isPending && <SkeletonRows label="Loading API keys" rows={2} />}
        {keys.isError && (
          <ErrorState
            title="The API keys could not be loaded"
            detail={troubleIn(keys.error).detail}
            onRetry={() => void keys.refetch()}
          />
        )}
        {keys.data?.length === 0 && (
          <EmptyState icon={<KeySquare />} title="No API keys" actions={create} className="py-8" />
        )}
        {keys.data && keys.data.length > 0 && (
          <Table label="API keys">
            <thead>
              <tr>
                <Th>Name</Th>
                <Th>Key</Th>
                <Th>Created</Th>
                <Th>Last used</Th>
                <Th>
                  <span className="sr-only">Actions</span>
                </Th>
              </tr>
            </thead>
            <tbody>
              {keys.data.map((key) => (
                <Tr key={key.id}>
                  <Td className="font-medium">{key.name}</Td>
                  <Td className="whitespace-nowrap font-mono text-ink-muted text-xs">pla_…{key.hint}</Td>
                  <Td className="text-ink-muted text-xs">
                    <TimeAgo at={key.createdAt} />
                  </Td>
                  <Td className="text-ink-muted text-xs">
                    {key.lastUsedAt ? <TimeAgo at={key.lastUsedAt} /> : "never"}
                  </Td>
                  <Td className="text-right">
                    <Button
                      variant="ghost"
                      size="icon"
                      aria-label={`Delete ${key.name}`}
                      onClick={() => setDeleting(key)}
                    >
                      <Trash2 aria-hidden="true" />
                    </Button>
                  </Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        )}
      </div>
      <NewKeyDialog open={creating} onOpenChange={setCreating} />
      <ConfirmDialog
        open={deleting !== null}
        onOpenChange={(open) => !open && setDeleting(null)}
        title={`Delete ${deleting?.name ?? "this key"}?`}
        confirmLabel="Delete API key"
        onConfirm={remove}
      >
        Whatever uses it is refused from now on. It cannot be undone.
      </ConfirmDialog>
    </Card>
  );
}

function NewKeyDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [made, setMade] = useState<string | null>(null);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  function change(next: boolean) {
    onOpenChange(next);
    if (next) return;
    setName("");
    setMade(null);
    setTrouble(null);
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (pending || name.trim() === "") return;
    setPending(true);
    const answer = await send<z.infer<typeof apiKeyAnswer>>("POST", "/api-keys", { name: name.trim() });
    setPending(false);
    if (!answer.ok) return setTrouble(answer.trouble);
    setMade(answer.value.apiKey);
    await client.invalidateQueries({ queryKey: ["api-keys"] });
  }

  return (
    <Dialog open={open} onOpenChange={change}>
      {made ? (
        <DialogContent
          size="sm"
          title="The API key"
          description="Copy it now. It is not kept and cannot be shown again."
          onInteractOutside={(event) => event.preventDefault()}
        >
          <div className="grid gap-4 pb-2">
            <div className="flex items-center gap-2 rounded-md border bg-canvas py-1 pr-1.5 pl-3">
              <code className="min-w-0 flex-1 break-all font-mono text-xs">{made}</code>
              <CopyButton text={made} label="Copy key" variant="ghost" />
            </div>
            <Callout tone="warn">It can do everything you can do here. Keep it out of repositories and chats.</Callout>
            <div className="flex justify-end">
              <Button variant="primary" onClick={() => change(false)}>
                Done
              </Button>
            </div>
          </div>
        </DialogContent>
      ) : (
        <DialogContent size="sm" title="New API key">
          <form noValidate className="grid gap-4 pb-2" onSubmit={(event) => void submit(event)}>
            <Field
              label="Name"
              hint="What uses it, so that you know later."
              error={fieldError(trouble, "name") ?? trouble?.detail}
            >
              {(control) => (
                <Input
                  {...control}
                  maxLength={100}
                  autoComplete="off"
                  placeholder="Deploy script"
                  value={name}
                  onChange={(event) => setName(event.target.value)}
                />
              )}
            </Field>
            <div className="flex justify-end gap-2">
              <DialogClose asChild>
                <Button>Cancel</Button>
              </DialogClose>
              <Button type="submit" variant="primary" loading={pending} disabled={name.trim() === ""}>
                Create API key
              </Button>
            </div>
          </form>
        </DialogContent>
      )}
    </Dialog>
  );
}
