// E-mail, where the operator has set up a server for it.
import { createTransport } from "nodemailer";
import { settings } from "./environment.ts";

export type Mail = { to: string; subject: string; text: string };

/** Whether e-mail can be sent from here. */
export function sendsMail(): boolean {
  return settings().smtpUrl !== null;
}

/**
 * Hands one message to the mail server.
 *
 * @throws Error when there is none, or it does not take the message.
 */
export async function sendMail({ to, subject, text }: Mail): Promise<void> {
  const { smtpUrl, smtpFrom } = settings();
  if (smtpUrl === null) throw new Error("SMTP_URL is not set");
  const transport = createTransport({
    url: smtpUrl,
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs, dnsTimeout: timeoutMs },
  });
  try {
    // An object and no text: nothing in the address can make it two.
    await transport.sendMail({ from: smtpFrom, to: { name: "", address: to }, subject: oneLine(subject), text });
  } finally {
    transport.close();
  }
}

const timeoutMs = 10_000;

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 200);
}
