"use client";
import { Snowflake } from "lucide-react";
import { type ComponentProps, useRef, useState } from "react";
import { useFreezes, useGrants, useMe, useServers } from "@/app/_client/queries.ts";
import { Button } from "@/components/ui/button.tsx";
import { Dialog, DialogContent } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Select } from "@/components/ui/select.tsx";
import { FreezeForm } from "./freeze-form.tsx";
import type { BrakeTarget } from "./target.ts";

/** The brake, on every page: what to freeze is chosen here. For those who may. */
export function BrakeControl({ compact = false }: { compact?: boolean }) {
  const [open, setOpen] = useState(false);
  const me = useMe().data;
  if (me?.role !== "admin") return null;
  return (
    <>
      <Button
        variant={compact ? "ghost" : "dangerOutline"}
        size={compact ? "icon" : undefined}
        className={compact ? "ml-auto text-danger" : "w-full"}
        aria-label={compact ? "Brake" : undefined}
        onClick={() => setOpen(true)}
      >
        <Snowflake aria-hidden="true" />
        {!compact && "Brake…"}
      </Button>
      <Dialog open={open} onOpenChange={setOpen}>
        <DialogContent size="sm" title="Brake" description="Freeze everything, one server or one grant, at once.">
          <Choice organisation={me.organisation.name} onClose={() => setOpen(false)} />
        </DialogContent>
      </Dialog>
    </>
  );
}

const everything = "organisation";

function Choice({ organisation, onClose }: { organisation: string; onClose: () => void }) {
  const servers = useServers().data ?? [];
  const grants = (useGrants().data ?? []).filter(({ status }) => status === "active" || status === "frozen");
  const freezes = useFreezes();
  const [chosen, setChosen] = useState(everything);
  const typed = useRef("");
  const serverNames = new Map(servers.map(({ id, name }) => [id, name]));
  const options = [
    { value: everything, label: `Everything in ${organisation}` },
    ...servers.map(({ id, name }) => ({ value: `server ${id}`, label: name, hint: "server" })),
    ...grants.map(({ id, label, serverId }) => ({
      value: `grant ${id}`,
      label,
      hint: `grant for ${serverNames.get(serverId) ?? "a server"}`,
    })),
  ];
  const [scope = "", id] = chosen.split(" ");
  const target: BrakeTarget = {
    scope: scope === "server" || scope === "grant" ? scope : "organisation",
    id,
    name: options.find(({ value }) => value === chosen)?.label ?? organisation,
    frozen: (freezes.data?.items ?? []).some((one) => one.scope === scope && (id === undefined || one.id === id)),
  };
  // What is asked is kept while it is answered: the form turns over with its target only when another is chosen.
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <Field label="What">
        {(control) => <Select {...control} value={chosen} onValueChange={setChosen} options={options} />}
      </Field>
      {freezes.isPending ? null : <Held key={chosen} target={target} onClose={onClose} typed={typed} />}
    </div>
  );
}

function Held({ target, ...rest }: ComponentProps<typeof FreezeForm>) {
  const [asked] = useState(target);
  return <FreezeForm target={asked} {...rest} />;
}
