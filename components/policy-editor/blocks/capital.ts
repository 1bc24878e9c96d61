/** With a capital at the front, for what the language says in small letters. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
