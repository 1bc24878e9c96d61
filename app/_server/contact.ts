// The contact form: what a stranger writes is checked, counted and kept; the admins of the organisation that signed up first
// read it. No e-mail is sent, so there is no header that it could get into.
import * as z from "zod";
import { database } from "../../prisma/client.ts";
import type { ContactMessageAnswer, contactMessagesQuery } from "../api/v1/schemas.ts";
import { mayReadContactMessages } from "./accounts.ts";
import { addressOf, contactLimits, countAttempt } from "./attempts.ts";
import { audit } from "./audit.ts";
import type { Member } from "./member.ts";
import { type Refusal, refuse } from "./refusals.ts";

export const contactMessageLengthMax = 5_000;
const nameLengthMax = 100;
const emailLengthMax = 254;

/** No line breaks and nothing invisible, except what joins letters in some scripts: a name is one line wherever it is shown. */
const oneLine = /^(?:[\u200c\u200d]|[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}])*$/u;
const invisible = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/gu;

const contactForm = z.object({
  name: z
    .string()
    .trim()
    .max(nameLengthMax, `Use ${nameLengthMax} characters at most.`)
    .regex(oneLine, "Use one line, without invisible characters."),
  email: z
    .string()
    .trim()
    .min(1, "Enter your e-mail address, so that we can answer.")
    .max(emailLengthMax, `Use ${emailLengthMax} characters at most.`)
    .pipe(z.email("This does not look like an e-mail address. One looks like ada@example.com.")),
  message: z
    .string()
    .transform((text) => text.replace(/\r\n?/g, "\n").replace(invisible, "").trim())
    .pipe(
      z
        .string()
        .min(1, "Write a message.")
        .max(contactMessageLengthMax, {
          error: ({ input }) =>
            `This is ${String(input).length - contactMessageLengthMax} characters too long. Leave some out, or send two messages.`,
        }),
    ),
});

/** What the form sent, untrusted; `trap` is a field that no person sees, so only programs fill it. */
export type ContactInput = { name: string; email: string; message: string; page: string; trap: string };

export type ContactOutcome =
  | { kind: "sent" }
  | { kind: "invalid"; errors: Partial<Record<"name" | "email" | "message", string>> }
  | { kind: "too_many"; retryAfterS: number };

/** Keeps a message. A filled trap is told the same as a person, and nothing is kept. */
export async function keepContactMessage(
  input: ContactInput,
  headers: { get(name: string): string | null },
): Promise<ContactOutcome> {
  if (input.trap !== "") return { kind: "sent" };
  const given = contactForm.safeParse(input);
  if (!given.success) {
    const { fieldErrors } = z.flattenError(given.error);
    const first = Object.entries(fieldErrors).map(([field, messages]) => [field, messages[0]]);
    return { kind: "invalid", errors: Object.fromEntries(first) };
  }
  const attempt = await countAttempt(contactLimits(addressOf(headers)));
  if (!attempt.ok) return { kind: "too_many", retryAfterS: attempt.retryAfterS };
  const { name, email, message } = given.data;
  await database().contactMessage.create({ data: { name: name || null, email, message, page: pathOnly(input.page) } });
  return { kind: "sent" };
}

/** A path of ours, or nothing: it is shown to whoever reads the message. */
function pathOnly(page: string): string | null {
  return /^\/(?![/\\])[\x21-\x7e]{0,499}$/.test(page) ? page : null;
}

/** One page. The id begins with the time, so it is the order and the cursor. */
export async function listContactMessages(
  member: Member,
  { cursor, limit }: z.output<typeof contactMessagesQuery>,
): Promise<{ items: ContactMessageAnswer[]; nextCursor: string | null } | Refusal> {
  if (!(await mayReadContactMessages(member))) {
    return refuse("forbidden", { detail: "Messages are for the organisation that signed up first." });
  }
  if (cursor !== undefined && !z.uuid().safeParse(cursor).success) {
    return refuse("invalid_query", { errors: [{ pointer: "/cursor", message: "is not a `nextCursor` of ours" }] });
  }
  const rows = await database().contactMessage.findMany({
    where: cursor === undefined ? {} : { id: { lt: cursor } },
    orderBy: { id: "desc" },
    take: limit + 1,
  });
  const page = rows.slice(0, limit);
  return {
    items: page.map((row) => ({ ...row, at: row.at.toISOString() })),
    nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

export async function deleteContactMessage(member: Member, id: string): Promise<undefined> {
  await database().$transaction(async (tx) => {
    const [before] = await tx.contactMessage.findMany({ where: { id } });
    const { count } = await tx.contactMessage.deleteMany({ where: { id } });
    if (!before || count === 0) return;
    const target = { kind: "contact_message", id, name: before.email } as const;
    await audit(tx, member, { action: "contact_message.deleted", target, before });
  });
}
