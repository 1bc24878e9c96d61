"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { reloadAll } from "@/app/_client/queries.ts";
import type { ServerAnswer } from "@/app/api/v1/schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Switch } from "@/components/ui/switch.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import { FreezeButton } from "../../brake/freeze-button.tsx";
import { newSecret, type Secret, SecretFields, secretRecord } from "../secret-fields.tsx";
import { ChangeSetting, MethodSettings } from "./relay-settings.tsx";

export function ServerSettings({ server }: { server: ServerAnswer }) {
  return (
    <div className="grid max-w-3xl gap-4">
      <Rename server={server} />
      <ReplaceSecrets server={server} />
      <ChangeSetting server={server} />
      <MethodSettings server={server} />
      <ArgumentValues server={server} />
      <Card>
        <CardHeader
          title={server.frozen ? "This server is frozen" : "Freeze this server"}
          description="While it is frozen, every call of every grant on it is refused, from the next call on. Nothing else changes."
          actions={<FreezeButton scope="server" id={server.id} name={server.name} frozen={server.frozen} />}
        />
      </Card>
      <Delete server={server} />
    </div>
  );
}

function Rename({ server }: { server: ServerAnswer }) {
  const client = useQueryClient();
  const [name, setName] = useState(server.name);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (pending || name.trim() === "") return;
    setPending(true);
    const answer = await send("PATCH", `/servers/${server.id}`, { name: name.trim() });
    setPending(false);
    setTrouble(answer.ok ? null : answer.trouble);
    if (!answer.ok) return;
    toast.success("Renamed");
    await reloadAll(client);
  }

  return (
    <Card>
      <CardHeader title="Name" />
      <CardBody>
        <form noValidate className="flex flex-wrap items-end gap-2" onSubmit={(event) => void submit(event)}>
          <Field
            label="Server name"
            className="min-w-56 flex-1"
            error={
              fieldError(trouble, "name") ?? trouble?.detail ?? (name.trim() === "" ? "Give the server a name." : null)
            }
          >
            {(control) => (
              <Input {...control} maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
            )}
          </Field>
          <Button type="submit" loading={pending} disabled={name.trim() === "" || name.trim() === server.name}>
            Rename
          </Button>
        </form>
      </CardBody>
    </Card>
  );
}

function ArgumentValues({ server }: { server: ServerAnswer }) {
  const client = useQueryClient();
  const [pending, setPending] = useState(false);
  const isOn = server.logArgumentValues;

  async function change() {
    setPending(true);
    const answer = await send("PATCH", `/servers/${server.id}`, { logArgumentValues: !isOn });
    setPending(false);
    if (!answer.ok) return void toast.error("That did not work", { description: answer.trouble.detail });
    toast.success(
      isOn ? "Argument values are no longer recorded" : "Argument values are recorded from the next call on",
    );
    await reloadAll(client);
  }

  return (
    <Card>
      <CardHeader
        title="Record argument values that policies look at"
        description={
          <>
            Each call is on record with the names of its arguments. With this on, the values of those that a policy of
            this server mentions are kept too: short ones only, encrypted. They let a draft be replayed over real calls
            before it is published; without them such calls count as unknown. Turning it off does not delete what is on
            record.
          </>
        }
        actions={
          <Switch
            label="Record argument values that policies look at"
            checked={isOn}
            pending={pending}
            onChange={() => void change()}
          />
        }
      />
    </Card>
  );
}

function ReplaceSecrets({ server }: { server: ServerAnswer }) {
  const client = useQueryClient();
  const isHttp = server.transport === "http";
  const [secrets, setSecrets] = useState<Secret[] | null>(null);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const field = isHttp ? "headers" : "env";

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (pending || !secrets) return;
    setPending(true);
    setTrouble(null);
    const answer = await send("PATCH", `/servers/${server.id}`, { [field]: secretRecord(secrets) });
    if (answer.ok) {
      const again = await send("POST", `/servers/${server.id}/refresh`, {});
      if (again.ok) toast.success("Replaced, and reconnected with the new values");
      else
        toast.error("Replaced, but the server could not be reached with them", { description: again.trouble.detail });
      setSecrets(null);
      await reloadAll(client);
    } else setTrouble(answer.trouble);
    setPending(false);
  }

  return (
    <Card>
      <CardHeader
        title={isHttp ? "Headers" : "Environment"}
        description={
          server.secretNames.length === 0 ? (
            `No ${isHttp ? "headers" : "variables"} are set.`
          ) : (
            <>
              Set: <span className="font-mono text-ink text-xs">{server.secretNames.join(", ")}</span>. Their values are
              encrypted and cannot be shown.
            </>
          )
        }
        actions={
          secrets === null && (
            <Button
              onClick={() =>
                setSecrets(
                  server.secretNames.length > 0 ? server.secretNames.map((name) => newSecret(name)) : [newSecret()],
                )
              }
            >
              Replace…
            </Button>
          )
        }
      />
      {secrets && (
        <CardBody>
          <form noValidate className="grid gap-4" onSubmit={(event) => void submit(event)}>
            <Callout tone="warn">
              What you enter replaces everything that is set now. Enter every value again; an empty list removes them
              all.
            </Callout>
            <SecretFields
              kind={isHttp ? "header" : "variable"}
              secrets={secrets}
              onChange={setSecrets}
              error={trouble ? (fieldError(trouble, field) ?? trouble.detail) : undefined}
            />
            <div className="flex justify-end gap-2">
              <Button onClick={() => setSecrets(null)}>Cancel</Button>
              <Button type="submit" variant="primary" loading={pending}>
                Replace and reconnect
              </Button>
            </div>
          </form>
        </CardBody>
      )}
    </Card>
  );
}

function Delete({ server }: { server: ServerAnswer }) {
  const router = useRouter();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);

  async function remove(): Promise<string | null> {
    const answer = await send("DELETE", `/servers/${server.id}`);
    if (!answer.ok) return answer.trouble.detail;
    toast.success(`${server.name} is deleted`);
    router.push("/servers");
    client.removeQueries({ queryKey: ["servers", server.id] });
    await reloadAll(client);
    return null;
  }

  return (
    <Card className="border-danger-line">
      <CardHeader
        title="Delete this server"
        description="Its policies and grants go with it, and agents that use its gateway URL are refused from the next call on. The calls on record stay."
        actions={
          <Button variant="dangerOutline" onClick={() => setAsking(true)}>
            Delete…
          </Button>
        }
      />
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${server.name}?`}
        confirmLabel="Delete server"
        phrase={server.name}
        onConfirm={remove}
      >
        This deletes {server.policyCount} {server.policyCount === 1 ? "policy" : "policies"} and {server.grantCount}{" "}
        {server.grantCount === 1 ? "grant" : "grants"}. It cannot be undone.
      </ConfirmDialog>
    </Card>
  );
}
