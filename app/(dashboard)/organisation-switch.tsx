"use client";
import { Check, ChevronsUpDown } from "lucide-react";
import { goToOrganisation } from "@/app/_client/organisation.ts";
import type { Me } from "@/app/_client/queries.ts";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu.tsx";

/** Where one is; for somebody with several organisations also where else one may go. */
export function OrganisationSwitch({ me }: { me: Me | undefined }) {
  const name = me?.organisation.name;
  if (!me || me.organisations.length < 2) {
    return (
      <p className="mt-3 truncate font-medium text-ink text-sm" title={name}>
        {name ?? "\u00a0"}
      </p>
    );
  }
  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        aria-label={`Organisation: ${name}. Go to another`}
        className="-mx-1.5 mt-2 flex w-full items-center gap-1.5 rounded-md px-1.5 py-1 text-left font-medium text-ink text-sm hover:bg-raised"
      >
        <span className="min-w-0 flex-1 truncate" title={name}>
          {name}
        </span>
        <ChevronsUpDown aria-hidden="true" className="size-3.5 shrink-0 text-ink-muted" />
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" className="max-h-80 w-52 overflow-y-auto">
        <DropdownMenuLabel>Organisations</DropdownMenuLabel>
        {me.organisations.map((organisation) => {
          const current = organisation.id === me.organisation.id;
          return (
            <DropdownMenuItem
              key={organisation.id}
              disabled={current}
              onSelect={() => void goToOrganisation(organisation.id)}
            >
              <span className="min-w-0 flex-1 truncate" title={organisation.name}>
                {organisation.name}
              </span>
              {current && <Check aria-label="shown now" />}
            </DropdownMenuItem>
          );
        })}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
