"use client";
import { useGrants, useMe } from "@/app/_client/queries.ts";
import { FreezeButton } from "./freeze-button.tsx";

/** The brake of a grant that only its id is known of; nothing for those who may not, or when the grant is gone. */
export function FreezeGrant({ id }: { id: string }) {
  const isAdmin = useMe().data?.role === "admin";
  const grant = useGrants().data?.find((one) => one.id === id);
  if (!isAdmin || !grant || (grant.status !== "active" && grant.status !== "frozen")) return null;
  return <FreezeButton scope="grant" id={id} name={grant.label} frozen={grant.frozen} what="the grant" />;
}
