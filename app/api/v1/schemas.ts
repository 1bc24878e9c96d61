// The shapes of the management API: what the routes check, what the OpenAPI document is made from, and the types the
// dashboard uses. Safe in the browser.
import * as z from "zod";
import { changeGrades } from "../../../catalog/definition-change.ts";
import { riskCategories, severities, signalSchema } from "../../../catalog/schema.ts";
import { reaches } from "../../../policy/reach.ts";
import { definitionChangeChoices, methodGroups } from "../../../policy/server-settings.ts";

const timestamp = z.iso.datetime({ offset: true });
export const idSchema = z.uuid();

/** A list is always a page of one. `nextCursor` is opaque, null at the end. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });

/** RFC 9457. `code` is stable; `title` and `detail` are for people. `errors` names what is wrong in the request body. */
export const problemDetailsSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.strictObject({ pointer: z.string(), message: z.string() })).optional(),
});
export type ProblemDetails = z.infer<typeof problemDetailsSchema>;

export const policyProblemSchema = z.strictObject({
  code: z.string(),
  /** RFC 6901 JSON Pointer into the document. */
  pointer: z.string(),
  message: z.string(),
  severity: z.enum(["error", "warning"]),
  /** Where in the text: UTF-16 offsets and the 1-based line, when the document was given as text or is a draft. */
  from: z.int().optional(),
  to: z.int().optional(),
  line: z.int().optional(),
});

// Accounts ------------------------------------------------------------------------------------------------------

export const emailSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email("must be an e-mail address like ada@example.com"));
export const passwordSchema = z.string().min(12, "must have 12 characters or more").max(200);
export const signupBody = z.strictObject({
  email: emailSchema,
  password: passwordSchema,
  organisation: z.string().trim().min(1).max(100).optional(),
});
export const signupAnswer = z.strictObject({
  user: z.strictObject({ id: idSchema, email: z.string() }),
  organisation: z.strictObject({ id: idSchema, name: z.string() }),
  /** Shown once. */
  apiKey: z.string(),
});
export const meAnswer = z.strictObject({
  user: z.strictObject({ id: idSchema, email: z.string() }),
  organisation: z.strictObject({ id: idSchema, name: z.string(), frozen: z.boolean() }),
  role: z.enum(["admin", "policy_manager", "viewer"]),
  /** All organisations of this user; one when an API key asks. */
  organisations: z.array(z.strictObject({ id: idSchema, name: z.string() })),
  /** Whether this member may register a server that is a command on this machine. */
  mayStartCommands: z.boolean(),
  /** Whether this member may add to the public catalog of this installation. */
  mayFillCatalog: z.boolean(),
  /** Whether this member may read what was written in the contact form: an admin of the organisation that signed up first. */
  mayReadContactMessages: z.boolean(),
  gatewayPublicUrl: z.string(),
});

export const apiKeyBody = z.strictObject({ name: z.string().trim().min(1).max(100) });
export const apiKeySchema = z.strictObject({
  id: idSchema,
  name: z.string(),
  hint: z.string(),
  createdAt: timestamp,
  lastUsedAt: timestamp.nullable(),
});
/** The new key; `apiKey` is shown once. */
export const apiKeyAnswer = apiKeySchema.extend({ apiKey: z.string() });

// Servers -------------------------------------------------------------------------------------------------------

const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "must be an HTTP header name");
const headerValue = z
  .string()
  .max(8_192)
  .regex(/^[\t\x20-\x7e]*$/, "must be visible ASCII without line breaks");
const environmentName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be an environment variable name");
const noNul = /^[^\0]*$/;
const serverName = z.string().trim().min(1).max(100);

export const headersSchema = z.record(headerName, headerValue);
export const environmentSchema = z.record(environmentName, z.string().max(32_768).regex(noNul));

export const serverBody = z.discriminatedUnion("transport", [
  z.strictObject({
    name: serverName,
    transport: z.literal("http"),
    url: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).max(2_048),
    headers: headersSchema.optional(),
  }),
  z.strictObject({
    name: serverName,
    transport: z.literal("stdio"),
    command: z.string().min(1).max(4_096).regex(noNul),
    args: z.array(z.string().max(8_192).regex(noNul)).max(100),
    env: environmentSchema.optional(),
  }),
]);
export const serverPatchBody = z.strictObject({
  name: serverName.optional(),
  /** Replace all static headers (http) or variables (stdio). Values are never shown again. Takes effect after a reconnect. */
  headers: headersSchema.optional(),
  env: environmentSchema.optional(),
  /** Whether calls are recorded with the values of the arguments that the server's policies mention, sealed. */
  logArgumentValues: z.boolean().optional(),
  /** What happens when the server serves a definition that nobody accepted. */
  onDefinitionChange: z.enum(definitionChangeChoices).optional(),
  /** The groups that are named are changed, the others stay as they are. */
  methods: z.partialRecord(z.enum(methodGroups), z.enum(["relay", "refuse"])).optional(),
});

export const toolSchema = z.strictObject({
  name: z.string(),
  description: z.string().nullable(),
  /** What counts: the owner's own category where there is one in force, else the classifier's. */
  category: z.enum(riskCategories),
  severity: z.enum(severities),
  /** What the classifier says. */
  classified: z.strictObject({ category: z.enum(riskCategories), severity: z.enum(severities) }),
  /** The owner's own category. `fallen`: it was given to another definition than the accepted one and counts no more. */
  override: z.strictObject({ category: z.enum(riskCategories), at: timestamp, fallen: z.boolean() }).nullable(),
  confidence: z.number(),
  signals: z.array(signalSchema),
  definitionHash: z.string(),
  state: z.enum(["accepted", "changed", "gone"]),
  /** JSON Schema of the arguments, as the server gave it. */
  inputSchema: z.unknown().optional(),
});
export type ToolAnswer = z.infer<typeof toolSchema>;

export const serverSummarySchema = z.strictObject({
  id: idSchema,
  name: z.string(),
  transport: z.enum(["http", "stdio"]),
  url: z.string().nullable(),
  command: z.string().nullable(),
  args: z.array(z.string()),
  /** Names of the static headers or variables that are set. Their values are never shown. */
  secretNames: z.array(z.string()),
  gatewayUrl: z.string(),
  status: z.string(),
  statusMessage: z.string().nullable(),
  era: z.enum(["legacy", "modern"]).nullable(),
  protocolVersion: z.string().nullable(),
  frozen: z.boolean(),
  logArgumentValues: z.boolean(),
  /** `serve`: it goes on, on record. `hold`: the tool is refused. `block`: every call of the server is refused. */
  onDefinitionChange: z.enum(definitionChangeChoices),
  /** Whether each part of the protocol besides tools is relayed or refused. */
  methods: z.record(z.enum(methodGroups), z.enum(["relay", "refuse"])),
  /** How many changes of definitions nobody has looked at yet. */
  changeCount: z.int(),
  toolCount: z.int(),
  /** How many tools there are of each severity. */
  severityCounts: z.record(z.enum(severities), z.int()),
  policyCount: z.int(),
  grantCount: z.int(),
  connectedAt: timestamp.nullable(),
  createdAt: timestamp,
});
export type ServerSummary = z.infer<typeof serverSummarySchema>;
export const serverAnswer = serverSummarySchema.extend({ tools: z.array(toolSchema) });
export type ServerAnswer = z.infer<typeof serverAnswer>;

/** A definition that the server was seen to serve and that is not the accepted one. */
export const changeSchema = z.strictObject({
  kind: z.enum(["tool", "prompt", "instructions"]),
  /** Empty for instructions. */
  name: z.string(),
  definitionHash: z.string(),
  /** `duplicate`, `look_alike` and `unreadable` cannot be accepted as they are: accepting says that they are seen to. */
  problem: z.enum(["changed", "gone", "duplicate", "look_alike", "unreadable"]),
  grades: z.array(z.enum(changeGrades)),
  state: z.enum(["pending", "rejected"]),
  /** JSON text of the accepted definition; null when there is none. */
  before: z.string().nullable(),
  /** JSON text of what was seen; null when it is gone. */
  after: z.string().nullable(),
  seenAt: timestamp,
});
export type ChangeAnswer = z.infer<typeof changeSchema>;
export const reviewBody = z.strictObject({
  tools: z
    .array(
      z.strictObject({
        kind: changeSchema.shape.kind.default("tool"),
        name: z.string().max(256),
        /** Of the definition that was looked at: another one that came meanwhile is not meant. */
        definitionHash: z.string().max(64),
      }),
    )
    .min(1)
    .max(5_000),
  decision: z.enum(["accept", "reject"]),
});

/** `category`: null takes the owner's own away. */
export const overrideBody = z.strictObject({
  name: z.string().max(256),
  /** Of the definition that was looked at: an override is for it alone. */
  definitionHash: z.string().max(64),
  category: z.enum(riskCategories).nullable(),
});

// Policies ------------------------------------------------------------------------------------------------------

/** JSON text keeps its author's layout; an object is stored as two-space indented JSON in the order given. */
export const documentSchema = z.union([z.string().max(1_048_576), z.record(z.string(), z.unknown())]);

export const policyBody = z.strictObject({
  name: z.string().trim().min(1).max(100),
  document: documentSchema,
  mode: z.enum(["enforce", "shadow"]).default("enforce"),
  /** A draft that differs from the document: it can be looked at and published later. */
  draft: z.string().max(1_048_576).optional(),
});
export const policyCreated = z.strictObject({
  id: idSchema,
  version: z.int(),
  problems: z.array(policyProblemSchema),
});
export const policySummarySchema = z.strictObject({
  id: idSchema,
  serverId: idSchema,
  name: z.string(),
  mode: z.enum(["enforce", "shadow"]),
  activeVersion: z.int(),
  /** The version that is tried beside it: it decides every call too, on record only. */
  shadowVersion: z.int().nullable(),
  draftRevision: z.int(),
  /** Whether the draft's text differs from the active version's. */
  draftDiffers: z.boolean(),
  grantCount: z.int(),
  createdAt: timestamp,
});
export type PolicySummary = z.infer<typeof policySummarySchema>;
export const policyAnswer = policySummarySchema.extend({
  /** The draft's text. */
  draft: z.string(),
  /** The active version's text. */
  document: z.string(),
  problems: z.array(policyProblemSchema),
});
export type PolicyAnswer = z.infer<typeof policyAnswer>;
export const policyPatchBody = z.strictObject({
  name: z.string().trim().min(1).max(100).optional(),
  mode: z.enum(["enforce", "shadow"]).optional(),
});
export const policyVersionSchema = z.strictObject({
  version: z.int(),
  document: z.string(),
  note: z.string().nullable(),
  author: z.string().nullable(),
  publishedAt: timestamp,
  active: z.boolean(),
  /** Whether it is the one that is tried beside the active version. */
  shadow: z.boolean(),
});
export const draftBody = z.strictObject({ document: documentSchema, seenRevision: z.int().min(0) });
export const draftAnswer = z.strictObject({ revision: z.int(), problems: z.array(policyProblemSchema) });
export const publishBody = z.union([
  z.strictObject({
    seenRevision: z.int().min(0),
    note: z.string().max(500).optional(),
    /** Try the new version beside the active one instead of enforcing it. */
    shadow: z.boolean().optional(),
  }),
  z.strictObject({ restore: z.int().min(1), note: z.string().max(500).optional() }),
]);
/** How many of the running gateways enforce the change, and how long that took, in milliseconds. */
export const gatewaysSchema = z.strictObject({ live: z.int(), of: z.int(), ms: z.number() });
export const reviewAnswer = z.strictObject({ reviewed: z.int(), gateways: gatewaysSchema });
export const overrideAnswer = z.strictObject({ tool: toolSchema, gateways: gatewaysSchema });
export const publishAnswer = z.strictObject({
  version: z.int(),
  gateways: gatewaysSchema,
  /** Warnings about what was published. */
  problems: z.array(policyProblemSchema),
});

export const shadowBody = z.strictObject({
  action: z.enum(["promote", "stop"]),
  /** The version that is meant. Without it, whichever is tried now. */
  version: z.int().min(1).optional(),
});
export const shadowChanged = z.strictObject({ version: z.int(), gateways: gatewaysSchema });

/** How many calls another version decides differently. `allowed`, asked and refused are three answers. */
const changeCounts = {
  same: z.int(),
  /** Refused, and was not. */
  newlyRefused: z.int(),
  newlyAllowed: z.int(),
  /** A person is asked, and was not. */
  newlyAsked: z.int(),
  /** Refused as before, with another code. */
  otherwiseDifferent: z.int(),
};
export const shadowAnswer = z.strictObject({
  version: z.int().nullable(),
  since: timestamp.nullable(),
  /** Calls that both versions decided. */
  calls: z.int(),
  ...changeCounts,
  /** What decided differently, the most calls first: the shadow version's code and rule, and the code that was enforced. */
  rules: z.array(
    z.strictObject({ rule: z.string(), code: z.string(), was: z.string(), calls: z.int(), tools: z.array(z.string()) }),
  ),
});
export type ShadowAnswer = z.infer<typeof shadowAnswer>;

// What the calls on record say --------------------------------------------------------------------------------------

export const trafficQuery = z.strictObject({ days: z.coerce.number().int().min(1).max(90).default(7) });
export const trafficAnswer = z.strictObject({
  from: timestamp,
  to: timestamp,
  calls: z.int(),
  tools: z.array(
    z.strictObject({
      tool: z.string(),
      calls: z.int(),
      /** Of these calls, those that did not reach the server. */
      refused: z.int(),
      /** The most calls of one grant that reached the server in one minute, hour and day of the clock (UTC). */
      perMinuteMax: z.int(),
      perHourMax: z.int(),
      perDayMax: z.int(),
      /** How many grants called it. */
      grants: z.int(),
    }),
  ),
});
export type TrafficAnswer = z.infer<typeof trafficAnswer>;

export const backtestBody = z.strictObject({
  document: documentSchema,
  from: timestamp,
  to: timestamp,
  /** Only calls that this policy decided. */
  policyId: idSchema.optional(),
});
const recordedAnswer = z.strictObject({ code: z.string(), rule: z.string() });
export const backtestAnswer = z.strictObject({
  /** All calls of the time: `decided` + `unknown` + `notDecided`. */
  calls: z.int(),
  /** Calls that the document decides for certain: the sum of the five counts below. */
  decided: z.int(),
  /** Calls of which the record does not say enough. */
  unknown: z.int(),
  /** Calls that no policy decided, e.g. while the grant was frozen. */
  notDecided: z.int(),
  ...changeCounts,
  /** Whether only the newest calls of the time were looked at. */
  truncated: z.boolean(),
  /** Changed calls in time order, the first 500. */
  changed: z.array(
    z.strictObject({
      callId: idSchema,
      at: timestamp,
      tool: z.string(),
      grantLabel: z.string().nullable(),
      was: recordedAnswer,
      would: recordedAnswer.extend({ message: z.string() }),
    }),
  ),
  /** What decides the changed calls, the most calls first. */
  rules: z.array(z.strictObject({ rule: z.string(), code: z.string(), calls: z.int() })),
});
export type BacktestAnswer = z.infer<typeof backtestAnswer>;

// Grants --------------------------------------------------------------------------------------------------------

export const grantBody = z.strictObject({
  label: z.string().trim().min(1).max(100),
  policyId: idSchema.optional(),
  expiresAt: timestamp.optional(),
});
/** One way to enter the gateway URL and token into an MCP client. */
export const clientConfigSchema = z.strictObject({
  client: z.enum(["claude-code", "claude-desktop", "cursor", "vscode", "gemini-cli", "codex", "json"]),
  title: z.string(),
  /** Where the text goes, e.g. `~/.cursor/mcp.json`, or "Run in a terminal". */
  place: z.string(),
  language: z.enum(["json", "toml", "shell"]),
  text: z.string(),
});
export const grantSchema = z.strictObject({
  id: idSchema,
  serverId: idSchema,
  policyId: idSchema.nullable(),
  policyName: z.string().nullable(),
  label: z.string(),
  hint: z.string(),
  status: z.enum(["active", "frozen", "expired", "revoked"]),
  frozen: z.boolean(),
  expiresAt: timestamp.nullable(),
  createdAt: timestamp,
  rotatedAt: timestamp.nullable(),
});
export type GrantAnswer = z.infer<typeof grantSchema>;
/** `token` is shown once. */
export const grantCreated = z.strictObject({
  id: idSchema,
  token: z.string(),
  gatewayUrl: z.string(),
  clientConfigs: z.array(clientConfigSchema),
});
const reasonSchema = z.string().trim().min(1).max(500);
export const grantPatchBody = z.strictObject({
  policyId: idSchema.nullable().optional(),
  label: z.string().trim().min(1).max(100).optional(),
  frozen: z.boolean().optional(),
  /** Why it is frozen; needed to unfreeze. */
  reason: reasonSchema.optional(),
});
const freezeScope = z.enum(["organisation", "server", "grant"]);
export const freezeBody = z.strictObject({
  scope: freezeScope,
  /** Of the server or grant; the organisation's own may be left out. */
  id: idSchema.optional(),
  frozen: z.boolean(),
  /** Needed to unfreeze. */
  reason: reasonSchema.optional(),
});
export const freezeAnswer = z.strictObject({
  gateways: gatewaysSchema,
  /** How long each gateway took until it said that it holds to it; null for one that has not said so yet. */
  each: z.array(z.strictObject({ id: idSchema, ms: z.number().nullable() })),
});
/** What is frozen now. `by` is a name; null where nobody wrote it down. */
export const freezesAnswer = z.strictObject({
  items: z.array(
    z.strictObject({
      scope: freezeScope,
      id: idSchema,
      name: z.string(),
      at: timestamp,
      by: z.string().nullable(),
      reason: z.string().nullable(),
    }),
  ),
});
export type FreezesAnswer = z.infer<typeof freezesAnswer>;
export const radiusQuery = z.strictObject({ scope: freezeScope, id: idSchema.optional() });
export const radiusAnswer = z.strictObject({
  servers: z.int(),
  grants: z.int(),
  openStreams: z.int(),
  heldCalls: z.int(),
  pendingApprovals: z.int(),
  callsLastHour: z.int(),
  /** How many of the running gateways said what they hold. */
  gateways: z.strictObject({ answered: z.int(), of: z.int() }),
});
export type RadiusAnswer = z.infer<typeof radiusAnswer>;

// Evidence -------------------------------------------------------------------------------------------------------

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/);
/** `key` is the raw public key in base64url. */
export const evidenceKeyAnswer = z.strictObject({ algorithm: z.literal("Ed25519"), key: z.string(), pem: z.string() });
export const evidenceHeadSchema = z.strictObject({
  format: z.literal("policylayer-evidence/1"),
  organisationId: idSchema,
  sequence: z.int(),
  previousHash: hashSchema,
  recordsHash: hashSchema,
  indexHash: hashSchema,
  count: z.int(),
  firstAt: timestamp,
  lastAt: timestamp,
  sealedAt: timestamp,
  hash: hashSchema,
  key: z.string(),
  signature: z.string(),
});
export const evidenceHeadsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(20),
  /** Only links before this one: the `nextCursor` of the page before. */
  before: z.coerce.number().int().min(1).max(2_147_483_647).optional(),
});
export const evidenceHeadsAnswer = pageOf(evidenceHeadSchema).extend({
  /** Records that are in no link yet; 10000 stands for more. */
  waiting: z.int(),
  on: z.boolean(),
});
export type EvidenceHeads = z.infer<typeof evidenceHeadsAnswer>;
/** Where the log is sent as it is sealed. `target` shows the address without its path, which may hold a token. */
const forwardSchema = z.strictObject({
  target: z.string(),
  enabled: z.boolean(),
  /** The last link that was taken. */
  cursor: z.int(),
  /** Links that wait, and since when the oldest does. */
  behind: z.int(),
  lagS: z.int(),
  attempts: z.int(),
  lastError: z.string().nullable(),
  lastSentAt: timestamp.nullable(),
  createdAt: timestamp,
});
export const forwardAnswer = z.strictObject({ forward: forwardSchema.nullable() });
export type ForwardAnswer = z.infer<typeof forwardAnswer>;
/** Without `url` only `enabled` is changed. */
export const forwardBody = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: "must be an http or https URL" })
    .max(2_048)
    .optional(),
  enabled: z.boolean().optional(),
  /** Where a new address begins: with what is sealed from now on, or with the first link. */
  from: z.enum(["now", "start"]).optional(),
});
/** `secret` is shown once: it signs what is sent. Null when it is the one from before. */
export const forwardChanged = z.strictObject({ forward: forwardSchema, secret: z.string().nullable() });
export const evidenceExportQuery = z.strictObject({ from: timestamp.optional(), to: timestamp.optional() });

// Your stack ----------------------------------------------------------------------------------------------------

export const stackQuery = z.strictObject({
  severity: z.enum(severities).optional(),
  serverId: idSchema.optional(),
  /** How the grant that gets furthest reaches it. */
  reach: z.enum(reaches).optional(),
  /** Only tools of high or critical risk that some grant reaches freely. */
  unprotected: z.literal("true").optional(),
  /** Words in the names of tool and server. */
  q: z.string().max(200).optional(),
  cursor: z.string().max(1_024).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
});
export const stackToolSchema = toolSchema.omit({ inputSchema: true }).extend({
  server: z.strictObject({ id: idSchema, name: z.string() }),
  /** Of the grant that gets furthest. */
  reach: z.enum(reaches),
  /** High or critical, and some grant reaches it freely. */
  unprotected: z.boolean(),
  /** How many grants reach it, and how. */
  grantCounts: z.record(z.enum(reaches), z.int()),
  /** The grants that get furthest, at most 20. */
  grants: z.array(
    z.strictObject({
      id: idSchema,
      label: z.string(),
      /** Frozen: what it reaches when it is released. */
      frozen: z.boolean(),
      policyId: idSchema.nullable(),
      policyName: z.string().nullable(),
      /** `shadow`: the policy is only watched, so every call goes through. */
      mode: z.enum(["enforce", "shadow"]).nullable(),
      reach: z.enum(reaches),
    }),
  ),
  /** Its page in the catalog, or its server's; null where the catalog does not know the server. */
  catalogPath: z.string().nullable(),
});
export type StackTool = z.infer<typeof stackToolSchema>;
export const stackAnswer = pageOf(stackToolSchema).extend({
  /** Of the whole stack, whatever is filtered; `matching` is what the filters leave. */
  totals: z.strictObject({
    servers: z.int(),
    tools: z.int(),
    matching: z.int(),
    unprotected: z.int(),
    bySeverity: z.record(z.enum(severities), z.int()),
  }),
  /** Whether there are more tools than are looked at. */
  truncated: z.boolean(),
});
export type StackAnswer = z.infer<typeof stackAnswer>;

/** The recommended policy for a registered server, and the tools that it was made for. */
export const recommendedAnswer = z.strictObject({
  /** JSON text. */
  document: z.string(),
  /** The server's page in the catalog, when what the catalog knows of it was used as well. */
  catalogPath: z.string().nullable(),
  tools: z.array(toolSchema.pick({ name: true, category: true, severity: true })),
});
export type RecommendedAnswer = z.infer<typeof recommendedAnswer>;

// Calls ---------------------------------------------------------------------------------------------------------

/** What the call log can be asked for. All that are given must hold. */
export const callFilters = z.strictObject({
  serverId: idSchema.optional(),
  grantId: idSchema.optional(),
  tool: z.string().max(256).optional(),
  code: z.string().max(64).optional(),
  /** `pending`, `answered`, `tool_error`, `upstream_error`, `not_sent`, `unknown`, or `none`: it was refused. */
  outcome: z.string().max(64).optional(),
  rule: z.string().max(1_024).optional(),
  policyId: idSchema.optional(),
  sessionId: z.string().max(256).optional(),
  clientName: z.string().max(256).optional(),
  approvalId: idSchema.optional(),
  /** Beginnings of words in the message. */
  q: z.string().max(200).optional(),
  /** Calls that a version tried beside the enforced one would have answered with another code. */
  differs: z.literal("shadow").optional(),
  from: timestamp.optional(),
  to: timestamp.optional(),
});
export type CallFilters = z.output<typeof callFilters>;
export const callsQuery = callFilters.extend({
  /** One call, by its id. */
  id: idSchema.optional(),
  cursor: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const callSchema = z.strictObject({
  id: idSchema,
  at: timestamp,
  serverId: idSchema,
  grantId: idSchema.nullable(),
  sessionId: z.string().nullable(),
  method: z.string(),
  tool: z.string().nullable(),
  policyId: idSchema.nullable(),
  policyVersion: z.int().nullable(),
  code: z.string(),
  rule: z.string(),
  message: z.string(),
  wouldDeny: z.boolean(),
  argumentKeys: z.array(z.string()),
  /** What a version that was tried beside the enforced one would have answered; null when there was none. */
  shadowVersion: z.int().nullable(),
  shadowCode: z.string().nullable(),
  shadowRule: z.string().nullable(),
  clientName: z.string().nullable(),
  /** The approval that it waits for, or that it was made with. */
  approvalId: idSchema.nullable(),
  /** What the caller sent of its own trace (W3C Trace Context). */
  traceparent: z.string().nullable(),
  outcome: z.string(),
  upstreamStatus: z.int().nullable(),
  upstreamMs: z.number().nullable(),
  gatewayMs: z.number().nullable(),
});
export type CallAnswer = z.infer<typeof callSchema>;

// Jobs on the catalog ---------------------------------------------------------------------------------------------

export const catalogJobKinds = ["npm", "url", "registry"] as const;
export const catalogJobBody = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("npm"),
    /** `package` or `package@version`. */
    target: z.string().trim().min(1).max(400),
  }),
  z.strictObject({ kind: z.literal("url"), target: z.string().trim().min(1).max(2_000) }),
  z.strictObject({
    kind: z.literal("registry"),
    /** The address of a `/v0/servers` list, or, with `document`, what to call it. */
    target: z.string().trim().min(1).max(2_000),
    /** A page of such a list, handed in: JSON, as text or as it is. */
    document: z.union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())]).optional(),
  }),
]);
export const catalogJobSchema = z.strictObject({
  id: idSchema,
  kind: z.enum(catalogJobKinds),
  target: z.string(),
  status: z.enum(["queued", "running", "done", "failed", "cancelled"]),
  done: z.int(),
  /** Null while nobody knows. */
  total: z.int().nullable(),
  /** What it is doing, or what was the matter. */
  message: z.string().nullable(),
  /** What came of it: numbers, and `slug` of the server where it is one. */
  result: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).nullable(),
  createdAt: timestamp,
  startedAt: timestamp.nullable(),
  endedAt: timestamp.nullable(),
});
export type CatalogJobAnswer = z.infer<typeof catalogJobSchema>;
export const catalogJobsQuery = z.strictObject({
  cursor: z.string().max(1_024).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

// Trying a call without making it ---------------------------------------------------------------------------------

export const simulateBody = z.strictObject({
  serverId: idSchema,
  document: documentSchema.optional(),
  policyId: idSchema.optional(),
  tool: z.string().min(1).max(256),
  arguments: z.record(z.string(), z.unknown()),
  at: timestamp.optional(),
  grant: z.strictObject({ label: z.string() }).optional(),
  session: z.strictObject({ id: z.string() }).optional(),
});
export const simulateAnswer = z.strictObject({
  decision: z.looseObject({ code: z.string(), rule: z.string(), message: z.string() }),
  trace: z.array(z.looseObject({ step: z.string(), outcome: z.string() })),
});

// Messages of the contact form ------------------------------------------------------------------------------------

export const contactMessagesQuery = z.strictObject({
  cursor: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
/** A stranger's words, as they were typed: text, never markup. */
export const contactMessageSchema = z.strictObject({
  id: idSchema,
  at: timestamp,
  name: z.string().nullable(),
  email: z.string(),
  message: z.string(),
  /** The path of the page on which it was written. */
  page: z.string().nullable(),
});
export type ContactMessageAnswer = z.infer<typeof contactMessageSchema>;
