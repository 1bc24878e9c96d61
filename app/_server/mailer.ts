// Mail to people about their own account. Null where no mail server is set up: then links are handed over by hand.
export type Mail = { to: string; subject: string; text: string };

export function mailer(): ((mail: Mail) => Promise<void>) | null {
  return null;
}
