// Everything the management API refuses with. The code is the contract with callers; titles may change.

type RefusalText = { status: number; title: string };

export const refusals = {
  invalid_json: { status: 400, title: "The body is not JSON that can be read in one way only." },
  invalid_query: { status: 400, title: "A query parameter is not as it should be." },
  not_signed_in: { status: 401, title: "Sign in, or send an API key as `Authorization: Bearer pla_…`." },
  invalid_credential: { status: 401, title: "This API key or session is not in use." },
  foreign_host: { status: 403, title: "This address is not one of ours." },
  foreign_origin: { status: 403, title: "Requests from other web pages are refused." },
  forbidden: { status: 403, title: "Your role does not allow this." },
  session_needed: {
    status: 403,
    title: "This is for somebody who signs in at a browser. API keys may not change an account.",
  },
  no_organisation: { status: 403, title: "You are in no organisation. Ask somebody for an invite." },
  invite_other_email: { status: 403, title: "The invite is for another e-mail address." },
  stdio_not_allowed: { status: 403, title: "You may not start programs on this machine." },
  catalog_not_yours: { status: 403, title: "You may not add to the catalog of this installation." },
  not_found: { status: 404, title: "There is nothing here." },
  method_not_allowed: { status: 405, title: "This address does not answer that method." },
  draft_moved_on: { status: 409, title: "Somebody changed the draft meanwhile." },
  no_shadow_version: { status: 409, title: "No version of this policy is being tried." },
  change_moved_on: { status: 409, title: "The server serves something else by now, or somebody decided already." },
  definition_moved_on: { status: 409, title: "The tool has another definition by now. Look at it again." },
  job_waiting: { status: 409, title: "The same job is waiting or running already." },
  tool_name_similar: { status: 409, title: "The name is easily taken for another tool's." },
  email_taken: { status: 409, title: "There is an account with this e-mail address." },
  last_admin: { status: 409, title: "An organisation needs an admin. Make somebody else one first." },
  member_elsewhere: {
    status: 409,
    title: "This member is in another organisation too, where you are no admin. Only they can change their account.",
  },
  already_member: { status: 409, title: "You are a member already." },
  no_password: { status: 409, title: "The account has no password: it is signed in with another provider." },
  second_factor_on: { status: 409, title: "A second factor is on already." },
  second_factor_off: { status: 409, title: "No second factor is on, or being set up." },
  mail_unavailable: { status: 409, title: "No mail is sent from here. Ask an admin of your organisation for a link." },
  policy_in_use: { status: 409, title: "Grants use this policy." },
  secrets_unreadable: {
    status: 409,
    title: "The stored headers or variables were sealed with a key that is gone. Set them again.",
  },
  grant_revoked: { status: 409, title: "The grant was revoked, for good." },
  approval_decided: { status: 409, title: "Somebody has decided already." },
  delivery_alive: { status: 409, title: "It was delivered, or is still being tried." },
  approval_expired: { status: 409, title: "Its time is up: it can no longer be decided." },
  invite_gone: { status: 410, title: "This invite does not work: it was used or taken back, or its time is over." },
  reset_gone: {
    status: 410,
    title: "This link does not work: it was used, a newer one was made, or its time is over.",
  },
  body_too_large: { status: 413, title: "The body is larger than 2 MiB." },
  unsupported_media_type: { status: 415, title: "Send `Content-Type: application/json`." },
  invalid_body: { status: 422, title: "The body is not as it should be." },
  password_too_common: { status: 422, title: "This password is among the first that are guessed." },
  password_wrong: { status: 422, title: "The password is not right." },
  second_factor_wrong: { status: 422, title: "The code is not right, or was used already." },
  policy_invalid: { status: 422, title: "The policy has problems." },
  document_too_large: { status: 422, title: "A policy has 256 KiB at most." },
  policy_of_another_server: { status: 422, title: "The policy was written for another server." },
  edited_call_denied: { status: 422, title: "The policy denies the call with these arguments." },
  no_session: { status: 422, title: "The call belongs to no session, so it can only be approved by itself." },
  notification_refused: { status: 422, title: "Nothing can be sent there." },
  upstream_unreachable: { status: 422, title: "The server could not be reached." },
  upstream_timed_out: { status: 422, title: "The server took too long to answer." },
  upstream_unauthorized: { status: 422, title: "The server asks for credentials." },
  upstream_not_mcp: { status: 422, title: "What answers there does not speak MCP." },
  upstream_address_refused: { status: 422, title: "Servers at this address may not be registered." },
  upstream_failed: { status: 422, title: "The server answered with an error." },
  command_not_found: { status: 422, title: "The command was not found." },
  command_exited: { status: 422, title: "The command ended before it answered." },
  stdio_refused: { status: 422, title: "The gateway does not start programs." },
  too_many_tools: { status: 422, title: "The server has more tools than can be kept." },
  too_many_invites: { status: 429, title: "Your organisation has too many open invites. Take some back first." },
  too_many_organisations: { status: 429, title: "You are in as many organisations as you can be in." },
  backtest_running: { status: 429, title: "Your organisation has a backtest running. Wait until it is done." },
  too_many_endpoints: { status: 429, title: "Your organisation has as many of these as it can have." },
  too_many_jobs: { status: 429, title: "Your organisation has too many jobs waiting. Let some of them end first." },
  too_many_attempts: { status: 429, title: "Too many attempts. Wait a little." },
  internal_error: { status: 500, title: "Something is broken on our side. It has been written down." },
  database_unavailable: { status: 503, title: "The database cannot be reached. Try again soon." },
  evidence_off: { status: 503, title: "This installation has no key that signs evidence." },
  gateway_unavailable: { status: 503, title: "No gateway is running, and only a gateway may connect to a server." },
} as const satisfies Record<string, RefusalText>;

export type RefusalCode = keyof typeof refusals;

/** One thing that is wrong with a body or query. `pointer` is an RFC 6901 JSON Pointer. */
export type InputError = { pointer: string; message: string };

type RefusalMore = {
  /** A sentence about this very request, for the person who reads it. Never a secret or another organisation's data. */
  detail?: string;
  errors?: InputError[];
  /** Further members of the problem document, e.g. `problems` of a policy. */
  members?: Record<string, unknown>;
  headers?: Record<string, string>;
};

/** What a function answers when it does not do what was asked. A class only so that it cannot be taken for an answer. */
export class Refusal {
  readonly code: RefusalCode;
  readonly more: RefusalMore;

  constructor(code: RefusalCode, more: RefusalMore = {}) {
    this.code = code;
    this.more = more;
  }
}

export function refuse(code: RefusalCode, more?: RefusalMore): Refusal {
  return new Refusal(code, more);
}

/** The refusal as problem details (RFC 9457). */
export function problemResponse({ code, more }: Refusal): Response {
  const { status, title } = refusals[code];
  const problem = {
    type: `urn:policylayer:problem:${code}`,
    title,
    status,
    code,
    ...(more.detail === undefined ? {} : { detail: more.detail }),
    ...(more.errors === undefined ? {} : { errors: more.errors }),
    ...more.members,
  };
  return new Response(JSON.stringify(problem), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
      ...more.headers,
    },
  });
}
