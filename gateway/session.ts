// Session ids of the legacy era. The client never sees the upstream's: it gets the whole session sealed into the id, so a session
// survives a restart of the gateway, moves between gateways, and opens only for the grant and server it was made for.
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { deriveKey, type SecretKeys } from "../prisma/secrets.ts";

export type Session = {
  /** Our name for the session: in the log, in `session` limits, and before each event id. */
  tag: string;
  grantId: string;
  serverId: string;
  /** The protocol version that `initialize` agreed on. */
  version: string;
  /** The upstream's session id; null when it keeps no sessions. */
  upstreamId: string | null;
  clientName: string | null;
  /** What the client's `initialize` said, for an upstream that has forgotten its session; null when it said too much. */
  initialize: string | null;
  /** The client says that it shows pages to its user. */
  showsPages?: boolean;
  /** The gateway that keeps the program or the stream behind it (peers.ts); absent when any can answer. */
  home?: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
};

export type Sessions = {
  /** Seals a new session into an id for the client. */
  mint(session: Omit<Session, "tag" | "expiresAt">): { id: string; session: Session };
  /** Null for whatever is not a live session of this grant and server; a client cannot tell why. */
  open(id: string, grantId: string, serverId: string): Session | null;
  /**
   * Makes an event id that says something in this session only, and which request its stream answers.
   *
   * @param requestId JSON text; null for the stream of what the server says by itself.
   */
  sealEventId(tag: string, eventId: string, requestId: string | null): string;
  /** Null for whatever is not an event id of this session. */
  openEventId(tag: string, sealed: string): { eventId: string; requestId: string | null } | null;
};

/** The parameters of `initialize` that fit into an id, which has to fit into a header. */
const initializeLengthMax = 2_048;
/** Hosts keep sessions open for days, and no client opens a new one by itself. */
const sessionLifetimeMs = 30 * 24 * 60 * 60 * 1_000;
const openedMax = 10_000;
const clientNameLengthMax = 64;
const nonceLength = 12;
const authTagLength = 16;
const eventMacLength = 22;

export function openSessions(keys: SecretKeys, now: () => number): Sessions {
  const derived = keys.map(({ id, key }) => ({ id, key: deriveKey(key, "mcp-session") }));
  const [newest] = derived;
  if (newest === undefined) throw new Error("no secret key");
  const eventKeys = keys.map(({ key }) => deriveKey(key, "mcp-event"));
  const [newestEventKey = newest.key] = eventKeys;
  /** Opened ids, oldest first: opening costs more than all the rest of a small call. */
  const opened = new Map<string, Session>();

  function unseal(id: string): Session | null {
    const dot = id.indexOf(".");
    const known = derived.find((candidate) => candidate.id === id.slice(0, dot));
    const sealed = id.slice(dot + 1);
    const bytes = Buffer.from(sealed, "base64url");
    if (known === undefined || bytes.length <= nonceLength + authTagLength) return null;
    // One way to write an id: the decoder skips what is not base64url, and each spelling would be remembered.
    if (bytes.toString("base64url") !== sealed) return null;
    try {
      const decipher = createDecipheriv("aes-256-gcm", known.key, bytes.subarray(0, nonceLength));
      decipher.setAuthTag(bytes.subarray(-authTagLength));
      const text = Buffer.concat([decipher.update(bytes.subarray(nonceLength, -authTagLength)), decipher.final()]);
      return JSON.parse(text.toString("utf8")) as Session;
    } catch {
      return null; // not what we sealed
    }
  }

  function remember(id: string, session: Session): void {
    if (opened.size >= openedMax) {
      for (const oldest of opened.keys()) {
        opened.delete(oldest);
        break;
      }
    }
    opened.set(id, session);
  }

  function eventMac(key: Buffer, tag: string, named: string): string {
    return createHmac("sha256", key).update(`${tag}\n${named}`).digest("base64url").slice(0, eventMacLength);
  }

  return {
    sealEventId(tag, eventId, requestId) {
      const named = `${requestId === null ? "" : Buffer.from(requestId).toString("base64url")}.${eventId}`;
      return `${eventMac(newestEventKey, tag, named)}.${named}`;
    },
    openEventId(tag, sealed) {
      const mac = Buffer.from(sealed.slice(0, eventMacLength));
      const named = sealed.slice(eventMacLength + 1);
      const dot = named.indexOf(".");
      if (dot === -1 || sealed[eventMacLength] !== ".") return null;
      const isOurs = eventKeys.some((key) => {
        const expected = Buffer.from(eventMac(key, tag, named));
        return mac.length === expected.length && timingSafeEqual(mac, expected);
      });
      if (!isOurs) return null;
      const requestId = named.slice(0, dot);
      return {
        eventId: named.slice(dot + 1),
        requestId: requestId === "" ? null : Buffer.from(requestId, "base64url").toString("utf8"),
      };
    },
    mint(made) {
      const session: Session = {
        ...made,
        clientName: made.clientName?.slice(0, clientNameLengthMax) ?? null,
        initialize: (made.initialize?.length ?? 0) <= initializeLengthMax ? made.initialize : null,
        tag: randomBytes(12).toString("base64url"),
        expiresAt: Math.floor(now()) + sessionLifetimeMs,
      };
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv("aes-256-gcm", newest.key, nonce);
      const sealed = Buffer.concat([
        nonce,
        cipher.update(JSON.stringify(session), "utf8"),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
      const id = `${newest.id}.${sealed.toString("base64url")}`;
      remember(id, session);
      return { id, session };
    },
    open(id, grantId, serverId) {
      let session = opened.get(id) ?? null;
      if (session === null) {
        session = unseal(id);
        if (session !== null) remember(id, session);
      }
      if (session === null || session.expiresAt <= now()) return null;
      return session.grantId === grantId && session.serverId === serverId ? session : null;
    },
  };
}
