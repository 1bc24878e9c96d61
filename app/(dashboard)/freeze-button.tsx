"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Snowflake, Sun } from "lucide-react";
import { useState } from "react";
import type * as z from "zod";
import { send } from "@/app/_client/api.ts";
import { reloadAll } from "@/app/_client/queries.ts";
import type { freezeAnswer } from "@/app/api/v1/schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { toast } from "@/components/ui/toaster.tsx";

type Scope = "organisation" | "server" | "grant";

const words: Record<Scope, string> = {
  organisation: "Every tool call of every agent of this organisation is refused",
  server: "Every tool call to this server is refused",
  grant: "Every tool call with this grant is refused",
};

/** The brake: asks, freezes or unfreezes, and says how many gateways hold to it. */
export function FreezeButton({
  scope,
  id,
  name,
  frozen,
}: {
  scope: Scope;
  /** Not for an organisation. */
  id?: string;
  name: string;
  frozen: boolean;
}) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        variant={frozen ? "outline" : scope === "organisation" ? "danger" : "dangerOutline"}
        onClick={() => setAsking(true)}
      >
        {frozen ? <Sun aria-hidden="true" /> : <Snowflake aria-hidden="true" />}
        {frozen ? "Unfreeze…" : "Freeze…"}
      </Button>
      <FreezeDialog open={asking} onOpenChange={setAsking} scope={scope} id={id} name={name} frozen={frozen} />
    </>
  );
}

export function FreezeDialog({
  open,
  onOpenChange,
  scope,
  id,
  name,
  frozen,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  scope: Scope;
  id?: string | undefined;
  name: string;
  frozen: boolean;
}) {
  const client = useQueryClient();

  async function change(): Promise<string | null> {
    const answer = await send<z.infer<typeof freezeAnswer>>("POST", "/freeze", {
      scope,
      ...(id ? { id } : {}),
      frozen: !frozen,
    });
    if (!answer.ok) return answer.trouble.detail;
    const { live, of, ms } = answer.value.gateways;
    toast.success(frozen ? `${name} is no longer frozen` : `${name} is frozen`, {
      description:
        of === 0 ? "No gateway is running." : `In force on ${live} of ${of} gateways after ${Math.round(ms)} ms.`,
    });
    // Not waited for: the open dialog would turn into its own opposite under the person's finger.
    void reloadAll(client);
    return null;
  }

  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={frozen ? `Unfreeze ${name}?` : `Freeze ${name}?`}
      confirmLabel={frozen ? "Unfreeze" : "Freeze"}
      tone={frozen ? "primary" : "danger"}
      onConfirm={change}
    >
      {frozen
        ? "Calls are decided by the policies again, from the next call on."
        : `${words[scope]}, from the next call on, until you unfreeze. Each refusal is on record.`}
    </ConfirmDialog>
  );
}
