// Every address of the management API, for the OpenAPI document. A test holds it equal to the folders beside this file.

import * as accountOrganisation from "./account/organisation/route.ts";
import * as accountPassword from "./account/password/route.ts";
import * as account from "./account/route.ts";
import * as accountSession from "./account/sessions/[sessionId]/route.ts";
import * as accountSessions from "./account/sessions/route.ts";
import * as recoveryCodes from "./account/two-factor/recovery-codes/route.ts";
import * as twoFactor from "./account/two-factor/route.ts";
import * as apiKey from "./api-keys/[apiKeyId]/route.ts";
import * as apiKeys from "./api-keys/route.ts";
import * as approvalPreview from "./approvals/[approvalId]/preview/route.ts";
import * as approvalReveal from "./approvals/[approvalId]/reveal/route.ts";
import * as approval from "./approvals/[approvalId]/route.ts";
import * as approvalEvents from "./approvals/events/route.ts";
import * as approvals from "./approvals/route.ts";
import * as audit from "./audit/route.ts";
import * as call from "./calls/[callId]/route.ts";
import * as callTest from "./calls/[callId]/test/route.ts";
import * as callEvents from "./calls/events/route.ts";
import * as callExport from "./calls/export/route.ts";
import * as calls from "./calls/route.ts";
import * as callStats from "./calls/stats/route.ts";
import * as catalogEvents from "./catalog/events/route.ts";
import * as catalogJob from "./catalog/jobs/[jobId]/route.ts";
import * as catalogJobs from "./catalog/jobs/route.ts";
import * as catalogSearch from "./catalog/search/route.ts";
import * as catalogServer from "./catalog/servers/[slug]/route.ts";
import * as catalogTool from "./catalog/servers/[slug]/tools/[tool]/route.ts";
import * as catalogTools from "./catalog/servers/[slug]/tools/route.ts";
import * as catalogTotals from "./catalog/totals/route.ts";
import * as contactMessage from "./contact-messages/[contactMessageId]/route.ts";
import * as contactMessages from "./contact-messages/route.ts";
import * as evidenceExport from "./evidence/export/route.ts";
import * as evidenceForward from "./evidence/forward/route.ts";
import * as evidenceHeads from "./evidence/heads/route.ts";
import * as evidenceKey from "./evidence/key/route.ts";
import * as radius from "./freeze/radius/route.ts";
import * as freeze from "./freeze/route.ts";
import * as rotate from "./grants/[grantId]/rotate/route.ts";
import * as grant from "./grants/[grantId]/route.ts";
import * as grants from "./grants/route.ts";
import * as invite from "./invites/[inviteId]/route.ts";
import * as inviteAccept from "./invites/accept/route.ts";
import * as invites from "./invites/route.ts";
import * as inviteSignup from "./invites/signup/route.ts";
import * as me from "./me/route.ts";
import * as memberReset from "./members/[userId]/password-reset/route.ts";
import * as member from "./members/[userId]/route.ts";
import * as memberSessions from "./members/[userId]/sessions/route.ts";
import * as memberTwoFactor from "./members/[userId]/two-factor/route.ts";
import * as members from "./members/route.ts";
import * as deliveryRetry from "./notifications/deliveries/[deliveryId]/retry/route.ts";
import * as deliveries from "./notifications/deliveries/route.ts";
import * as endpoint from "./notifications/endpoints/[endpointId]/route.ts";
import * as endpointTest from "./notifications/endpoints/[endpointId]/test/route.ts";
import * as endpoints from "./notifications/endpoints/route.ts";
import * as passwordResets from "./password-resets/route.ts";
import * as passwordReset from "./password-resets/use/route.ts";
import * as draft from "./policies/[policyId]/draft/route.ts";
import * as policy from "./policies/[policyId]/route.ts";
import * as shadow from "./policies/[policyId]/shadow/route.ts";
import * as versions from "./policies/[policyId]/versions/route.ts";
import * as policies from "./policies/route.ts";
import * as retention from "./retention/route.ts";
import * as backtest from "./servers/[serverId]/backtest/route.ts";
import * as changes from "./servers/[serverId]/changes/route.ts";
import * as serverGrants from "./servers/[serverId]/grants/route.ts";
import * as serverPolicies from "./servers/[serverId]/policies/route.ts";
import * as recommended from "./servers/[serverId]/recommended/route.ts";
import * as refresh from "./servers/[serverId]/refresh/route.ts";
import * as server from "./servers/[serverId]/route.ts";
import * as override from "./servers/[serverId]/tools/override/route.ts";
import * as review from "./servers/[serverId]/tools/review/route.ts";
import * as traffic from "./servers/[serverId]/traffic/route.ts";
import * as servers from "./servers/route.ts";
import * as signup from "./signup/route.ts";
import * as simulate from "./simulate/route.ts";
import * as stack from "./stack/route.ts";
import * as view from "./views/[viewId]/route.ts";
import * as views from "./views/route.ts";

export const routes = {
  "/signup": signup,
  "/me": me,
  "/account": account,
  "/account/organisation": accountOrganisation,
  "/account/password": accountPassword,
  "/account/sessions": accountSessions,
  "/account/sessions/{sessionId}": accountSession,
  "/account/two-factor": twoFactor,
  "/account/two-factor/recovery-codes": recoveryCodes,
  "/password-resets": passwordResets,
  "/password-resets/use": passwordReset,
  "/members": members,
  "/members/{userId}": member,
  "/members/{userId}/sessions": memberSessions,
  "/members/{userId}/two-factor": memberTwoFactor,
  "/members/{userId}/password-reset": memberReset,
  "/invites": invites,
  "/invites/accept": inviteAccept,
  "/invites/signup": inviteSignup,
  "/invites/{inviteId}": invite,
  "/audit": audit,
  "/api-keys": apiKeys,
  "/api-keys/{apiKeyId}": apiKey,
  "/servers": servers,
  "/servers/{serverId}": server,
  "/servers/{serverId}/recommended": recommended,
  "/servers/{serverId}/refresh": refresh,
  "/servers/{serverId}/policies": serverPolicies,
  "/servers/{serverId}/grants": serverGrants,
  "/servers/{serverId}/changes": changes,
  "/servers/{serverId}/tools/override": override,
  "/servers/{serverId}/tools/review": review,
  "/servers/{serverId}/traffic": traffic,
  "/servers/{serverId}/backtest": backtest,
  "/policies": policies,
  "/policies/{policyId}": policy,
  "/policies/{policyId}/draft": draft,
  "/policies/{policyId}/versions": versions,
  "/policies/{policyId}/shadow": shadow,
  "/grants": grants,
  "/grants/{grantId}": grant,
  "/grants/{grantId}/rotate": rotate,
  "/approvals": approvals,
  "/approvals/events": approvalEvents,
  "/approvals/{approvalId}": approval,
  "/approvals/{approvalId}/preview": approvalPreview,
  "/approvals/{approvalId}/reveal": approvalReveal,
  "/evidence/key": evidenceKey,
  "/evidence/heads": evidenceHeads,
  "/evidence/export": evidenceExport,
  "/evidence/forward": evidenceForward,
  "/notifications/endpoints": endpoints,
  "/notifications/endpoints/{endpointId}": endpoint,
  "/notifications/endpoints/{endpointId}/test": endpointTest,
  "/notifications/deliveries": deliveries,
  "/notifications/deliveries/{deliveryId}/retry": deliveryRetry,
  "/freeze": freeze,
  "/freeze/radius": radius,
  "/stack": stack,
  "/calls": calls,
  "/calls/stats": callStats,
  "/calls/events": callEvents,
  "/calls/export": callExport,
  "/calls/{callId}": call,
  "/calls/{callId}/test": callTest,
  "/views": views,
  "/views/{viewId}": view,
  "/retention": retention,
  "/simulate": simulate,
  "/catalog/totals": catalogTotals,
  "/catalog/search": catalogSearch,
  "/catalog/events": catalogEvents,
  "/catalog/servers/{slug}": catalogServer,
  "/catalog/servers/{slug}/tools": catalogTools,
  "/catalog/servers/{slug}/tools/{tool}": catalogTool,
  "/catalog/jobs": catalogJobs,
  "/catalog/jobs/{jobId}": catalogJob,
  "/contact-messages": contactMessages,
  "/contact-messages/{contactMessageId}": contactMessage,
};
