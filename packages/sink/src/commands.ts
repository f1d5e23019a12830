import type { Control, Parked } from '@keelson/contracts';
import { microsOfMs } from '@keelson/contracts';
import type { Book } from './book.ts';
import type { Parking, ParkedEntry } from './parking.ts';
import type { Work } from './port.ts';
import type { SinkShared } from './shared.ts';
import type { WorkReader } from './work-reader.ts';

export interface CommandsOptions<W extends Work> {
  readonly shared: SinkShared<W, unknown>;
  readonly parking: Parking;
  readonly book: Book<W>;
  readonly reader: WorkReader<W>;
  readonly now: () => number;
}

/** Carries out what operators ask on control.<target>-sink. What names nothing that is here does nothing. */
export function createCommands<W extends Work>(options: CommandsOptions<W>): (control: Control) => void {
  const { shared, parking, book, reader, now } = options;

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

  function discard(control: Control): void {
    const entries: ParkedEntry[] = [];
    const named = control.entry === null ? undefined : parking.get(control.entry);
    if (control.entry !== null && named !== undefined) entries.push([control.entry, named]);
    else if (control.entry === null && control.lane !== null) entries.push(...parking.lane(control.lane));
    for (const [key, parked] of entries) book.discard(key, parked, reader.work(parked), control);
    // What only stood behind it goes on.
    if (named?.kind === 'exception' && named.lane !== null) {
      const [first] = parking.lane(named.lane, 1);
      if (first?.[1].error_code === 'behind') mark(...first);
    }
  }

  return control => {
    if (control.target !== shared.target) return;
    const { command, command_id, actor, reason, lane, entry } = control;
    shared.logger.info({ target: shared.target, command, command_id, actor, reason, lane, entry }, 'control');
    switch (command) {
      case 'release':
        return release(control);
      case 'discard':
        return discard(control);
      case 'pause':
        return shared.gate.pause('operator', `${actor}: ${reason}`);
      case 'resume':
        shared.storm.reset();
        return shared.gate.resume();
      case 'link':
        return;
    }
  };
}
