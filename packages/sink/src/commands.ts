import type { Control, Parked } from '@keelson/contracts';
import { microsOfMs } from '@keelson/contracts';
import type { Book } from './book.ts';
import type { Parking, ParkedEntry } from './parking.ts';
import type { Work } from './port.ts';
import type { SinkShared } from './shared.ts';
import type { Standing } from './standing.ts';
import type { WorkReader } from './work-reader.ts';

export interface CommandsOptions<W extends Work> {
  readonly shared: SinkShared<W, unknown>;
  readonly parking: Parking;
  readonly standing: Standing;
  readonly book: Book<W>;
  readonly reader: WorkReader<W>;
  readonly now: () => number;
}

export interface Commands {
  /** Carries out what an operator asks on control.<target>-sink. What names nothing that is here does nothing. */
  obey(control: Control): void;
  /** Goes on with what is too long for one batch, `closedAtOnce` entries of it. */
  goOn(): void;
}

/** No transaction grows with what an operator closes. */
export const closedAtOnce = 500;

export function createCommands<W extends Work>(options: CommandsOptions<W>): Commands {
  const { shared, parking, standing, book, reader, now } = options;

  const mark = (key: string, entry: Parked): void => parking.put(key, { ...entry, released: true });

  /** A lane goes on from its first entry, whichever was named. */
  function releaseLane(lane: string): void {
    const [first] = parking.lane(lane, 1);
    if (first !== undefined) mark(...first);
  }

  function releaseEntry(key: string): void {
    const entry = parking.get(key);
    if (entry === undefined) return;
    if (entry.kind !== 'exception') parking.put(key, { ...entry, not_before: microsOfMs(now()) });
    else if (entry.lane === null) mark(key, entry);
    else releaseLane(entry.lane);
  }

  function release({ lane, entry }: Control): void {
    if (entry !== null) return releaseEntry(entry);
    for (const each of lane === null ? [...parking.laneNames()] : [lane]) releaseLane(each);
    if (lane === null) for (const key of [...parking.alone()]) releaseEntry(key);
  }

  const close = ([key, parked]: ParkedEntry, control: Control): void =>
    book.discard(key, parked, reader.work(parked), control);

  function discard(control: Control): void {
    const { entry } = control;
    if (entry === null) return standing.discard(control, parking.latestAt());
    const parked = parking.get(entry);
    if (parked === undefined) return;
    close([entry, parked], control);
    if (parked.kind === 'exception' && parked.lane !== null) letGoOn(parked.lane);
  }

  /** What only stood behind something goes on, unless another refusal of the lane still stands, on either topic. */
  function letGoOn(lane: string, parkedAfter = -Infinity): void {
    const [first] = parking.lane(lane, 1);
    if (first === undefined || first[1].parked_at <= parkedAfter) return;
    for (const [, { error_code }] of parking.entriesOf(lane)) if (error_code !== 'behind') return;
    mark(...first);
  }

  function goOn(): void {
    let left = closedAtOnce;
    for (const [key, control] of standing.discards()) {
      const { lane, issued_at } = control;
      const entries: ParkedEntry[] = [];
      for (const each of lane === null ? parking.exceptions() : parking.entriesOf(lane)) {
        if (entries.length === left) break;
        if (each[1].parked_at <= issued_at) entries.push(each);
      }
      for (const each of entries) close(each, control);
      for (const each of new Set(entries.map(([, parked]) => parked.lane)))
        if (each !== null) letGoOn(each, issued_at);
      left -= entries.length;
      if (left === 0) return;
      standing.done(key);
    }
  }

  function obey(control: Control): void {
    if (control.target !== shared.target) return;
    const { command, command_id, actor, reason, lane, entry } = control;
    shared.logger.info({ target: shared.target, command, command_id, actor, reason, lane, entry }, 'control');
    switch (command) {
      case 'release':
        return release(control);
      case 'discard':
        return discard(control);
      case 'pause':
        return standing.pause(control);
      case 'resume':
        standing.resume();
        shared.storm.reset();
        return shared.gate.resume();
      case 'link':
        return;
    }
  }

  return { obey, goOn };
}
