import type { ReactNode } from "react";

/** What is known, one line each; a line without a value is left out. */
export function Facts({ label, rows }: { label: string; rows: readonly (readonly [string, ReactNode])[] }) {
  const known = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return (
    <dl aria-label={label} className="divide-y text-sm">
      {known.map(([name, value]) => (
        <div key={name} className="flex flex-wrap justify-between gap-x-4 gap-y-0.5 py-1.5">
          <dt className="text-ink-muted">{name}</dt>
          <dd className="min-w-0 text-right [overflow-wrap:anywhere]">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A link to somebody else's site: not recommended by us, and not told where the reader comes from. */
export function OutLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a
      href={href}
      rel="nofollow noopener noreferrer"
      className="text-accent underline-offset-4 [overflow-wrap:anywhere] hover:underline"
    >
      {children}
    </a>
  );
}

const dayFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/** `23 November 2026`, the day in UTC: the same for everybody, also in a page that was kept. */
export function Day({ at }: { at: string }) {
  return (
    <time dateTime={at} className="whitespace-nowrap">
      {dayFormat.format(new Date(at))}
    </time>
  );
}

export function dayOf(at: string): string {
  return dayFormat.format(new Date(at));
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;
}
