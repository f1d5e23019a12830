/** When a class of scheduled work opens. */
export interface Window {
  /** HH:MM in `time_zone`. */
  readonly daily_at: string;
  readonly time_zone: string;
}

const dayMs = 86_400_000;

/** The first opening at or after an instant, in ms. On a day whose clock skips that time: as much later. */
export function nextOpening({ daily_at, time_zone }: Window, atMs: number): number {
  const today = localDate(atMs, time_zone);
  for (let day = -1; ; day++) {
    const date = new Date(Date.parse(`${today}T00:00:00Z`) + day * dayMs).toISOString().slice(0, 10);
    const opening = instantOf(`${date}T${daily_at}:00`, time_zone);
    if (opening >= atMs) return opening;
  }
}

const localDate = (atMs: number, timeZone: string): string => localText(atMs, timeZone).slice(0, 10);

/** The local wall clock of an instant as ISO text. */
function localText(atMs: number, timeZone: string): string {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  return `${parts['year']}-${parts['month']}-${parts['day']}T${parts['hour']}:${parts['minute']}:${parts['second']}`;
}

/** Takes the text for UTC first, then moves by the zone's offset there; the offset before a jump wins. */
function instantOf(localIso: string, timeZone: string): number {
  const asUtc = Date.parse(`${localIso}Z`);
  const offsetAt = (ms: number): number => Date.parse(`${localText(ms, timeZone)}Z`) - ms;
  const candidates = [offsetAt(asUtc - dayMs), offsetAt(asUtc + dayMs)].map(offset => asUtc - offset);
  const exact = candidates.find(ms => localText(ms, timeZone) === localIso);
  return exact ?? candidates[0] ?? asUtc;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format;
}
