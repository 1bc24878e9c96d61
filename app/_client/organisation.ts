import { send } from "./api.ts";

/** This browser goes on in another organisation. A full load, so that nothing of the one before stays in memory. */
export async function goToOrganisation(organisationId: string): Promise<void> {
  const answer = await send("PUT", "/account/organisation", { organisationId });
  if (answer.ok) window.location.assign("/overview");
  else window.location.reload();
}
