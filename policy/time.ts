/** Hour 0 to 23 and ISO weekday, Monday 1 to Sunday 7; NaN when `now` is no date. */
export type LocalTime = (now: number) => { hour: number; weekday: number };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** The last millisecond that a Date can hold. */
const dateMax = 8.64e15;
const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const noTime = { hour: Number.NaN, weekday: Number.NaN };

/** Whether a name is an IANA time zone that this runtime knows. Offsets such as `+02:00` are none: they know no summer. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The clock on the wall of a time zone; UTC without one. */
export function localTimeIn(timezone: string | undefined): LocalTime {
  if (timezone === undefined) {
    return (now) => {
      if (!isDate(now)) return noTime;
      const days = Math.floor(now / dayMs);
      // The epoch was a Thursday.
      return { hour: Math.floor((now - days * dayMs) / hourMs), weekday: ((((days + 3) % 7) + 7) % 7) + 1 };
    };
  }
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    weekday: "short",
    hour: "2-digit",
    hourCycle: "h23",
  });
  // Formatting costs microseconds, and every call of a minute gives the same answer.
  let minute = Number.NaN;
  let known = noTime;
  return (now) => {
    if (!isDate(now)) return noTime;
    const current = Math.floor(now / minuteMs);
    if (current !== minute) {
      const parts = format.formatToParts(now);
      const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? "";
      known = { hour: Number(part("hour")), weekday: weekdays.indexOf(part("weekday")) + 1 };
      minute = current;
    }
    return known;
  };
}

function isDate(now: number): boolean {
  return Number.isFinite(now) && Math.abs(now) <= dateMax;
}
