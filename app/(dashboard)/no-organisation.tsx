"use client";
import { Building2 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { Card } from "@/components/ui/card.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { NewOrganisationDialog } from "./settings/security/organisation-card.tsx";

/** For somebody who was removed from, or left, the last one. */
export function NoOrganisation() {
  const [making, setMaking] = useState(false);
  return (
    <Card>
      <EmptyState
        heading="h1"
        icon={<Building2 />}
        title="You are in no organisation"
        actions={
          <Button variant="primary" onClick={() => setMaking(true)}>
            New organisation
          </Button>
        }
      >
        Somebody removed you from the last one, or you left it. Ask for an invite, or make an organisation of your own.
      </EmptyState>
      <NewOrganisationDialog open={making} onOpenChange={setMaking} />
    </Card>
  );
}
