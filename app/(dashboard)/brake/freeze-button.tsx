"use client";
import { Snowflake, Sun } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { FreezeDialog } from "./freeze-dialog.tsx";
import type { BrakeTarget } from "./target.ts";

/** The brake of one thing: opens a dialog that says what it takes hold of, and pulls or releases it. */
export function FreezeButton({
  what,
  ...target
}: BrakeTarget & { /** Where the page is not about it. */ what?: string }) {
  const [asking, setAsking] = useState(false);
  const { frozen, scope } = target;
  return (
    <>
      <Button
        variant={frozen ? "outline" : scope === "organisation" ? "danger" : "dangerOutline"}
        onClick={() => setAsking(true)}
      >
        {frozen ? <Sun aria-hidden="true" /> : <Snowflake aria-hidden="true" />}
        {[frozen ? "Unfreeze" : "Freeze", what].filter(Boolean).join(" ")}…
      </Button>
      <FreezeDialog open={asking} onOpenChange={setAsking} {...target} />
    </>
  );
}
