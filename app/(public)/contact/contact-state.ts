/** What the contact form shows: nothing yet, that the message is kept, or what was typed with what is the matter. */
export type ContactState =
  | { kind: "empty" }
  | { kind: "sent" }
  | {
      kind: "refused";
      typed: { name: string; email: string; message: string };
      errors: { name?: string; email?: string; message?: string };
      /** What is the matter with none of the fields. */
      trouble: string | null;
    };

export const emptyState: ContactState = { kind: "empty" };
