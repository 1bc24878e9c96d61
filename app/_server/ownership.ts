// The wall between organisations: an id in a URL is looked up inside the member's organisation before a route sees it, so a
// route that forgets to cannot tell anybody that another organisation's row exists.
import { database } from "../../prisma/client.ts";
import { isFirstOrganisation } from "./accounts.ts";
import type { Member } from "./member.ts";

type Where = { id: string; organisationId: string };

const counts = {
  serverId: (where: Where) => database().server.count({ where }),
  policyId: (where: Where) => database().policy.count({ where }),
  grantId: (where: Where) => database().grant.count({ where }),
  apiKeyId: (where: Where) => database().apiKey.count({ where }),
  callId: (where: Where) => database().call.count({ where }),
  viewId: (where: Where) => database().callView.count({ where }),
  approvalId: (where: Where) => database().approval.count({ where }),
  endpointId: (where: Where) => database().notificationEndpoint.count({ where }),
  deliveryId: (where: Where) => database().notificationDelivery.count({ where }),
  inviteId: (where: Where) => database().invite.count({ where }),
  // A user is no organisation's: what it has is their membership.
  userId: ({ id, organisationId }: Where) => database().membership.count({ where: { userId: id, organisationId } }),
  jobId: (where: Where) => database().catalogJob.count({ where }),
  // Written by strangers to those who run this installation, who are the first organisation's admins.
  contactMessageId: async ({ id, organisationId }: Where) =>
    (await isFirstOrganisation(organisationId)) ? database().contactMessage.count({ where: { id } }) : 0,
};

/** The ids that a URL may have, by the name of their parameter. */
export type IdName = keyof typeof counts;

/** Whether all of them are rows of the member's organisation. */
export async function ownsAll(member: Member, ids: Partial<Record<IdName, string>>): Promise<boolean> {
  for (const [name, id] of Object.entries(ids) as [IdName, string][]) {
    if ((await counts[name]({ id, organisationId: member.organisation.id })) !== 1) return false;
  }
  return true;
}
