const dayMs = 86_400_000;

export const expiryChoices = [
  { value: "never", label: "Never" },
  { value: "1", label: "In 1 day" },
  { value: "7", label: "In 7 days" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "date", label: "On a date…" },
] as const;

/** When a grant ends, as the API takes it. A date means the end of that day where the person is. Undefined: never. */
export function expiresAt(choice: string, date: string, now: number): string | undefined {
  if (choice === "never") return undefined;
  if (choice !== "date") return new Date(now + Number(choice) * dayMs).toISOString();
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  return new Date(year, month - 1, day, 23, 59, 59, 999).toISOString();
}

/** What is wrong with a chosen date, or null. */
export function dateTrouble(choice: string, date: string, now: number): string | null {
  if (choice !== "date") return null;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return "Choose a date.";
  const end = expiresAt(choice, date, now);
  return end && Date.parse(end) > now ? null : "Choose a day that is not over.";
}
