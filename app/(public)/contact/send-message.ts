"use server";
import { headers } from "next/headers";
import { keepContactMessage } from "@/app/_server/contact.ts";
import { settings } from "@/app/_server/environment.ts";
import { judgeSource } from "@/app/_server/hosts.ts";
import { report } from "@/app/_server/report.ts";
import type { ContactState } from "./contact-state.ts";

/** What the contact form posts to, with JavaScript and without. Whatever was typed comes back when it was not kept. */
export async function sendMessage(_before: ContactState, form: FormData): Promise<ContactState> {
  const text = (name: string): string => {
    const value = form.get(name);
    return typeof value === "string" ? value : "";
  };
  const typed = { name: text("name"), email: text("email"), message: text("message") };
  const refused = (trouble: string | null, errors = {}): ContactState => ({ kind: "refused", typed, errors, trouble });
  const head = await headers();
  // The proxy has asked this already. It is asked again here because this address is everybody's.
  if (judgeSource(settings(), { method: "POST", pathname: "/contact", headers: head }) !== null) {
    return refused("This did not come from our own page, so it was not taken.");
  }
  try {
    const outcome = await keepContactMessage({ ...typed, page: text("page"), trap: text("homepage") }, head);
    switch (outcome.kind) {
      case "sent":
        return outcome;
      case "invalid":
        return refused(null, outcome.errors);
      case "too_many":
        return refused(
          `That is a lot of messages. Your text is still here: send it in ${minutes(outcome.retryAfterS)}, please.`,
        );
    }
  } catch (cause) {
    report("keeping a contact message", cause);
    return refused("Your message could not be kept just now. It is still here: try again in a moment.");
  }
}

function minutes(seconds: number): string {
  const whole = Math.ceil(seconds / 60);
  return whole === 1 ? "a minute" : `${whole} minutes`;
}
