import type { Parked } from '@keelson/contracts';
import { Undecodable } from '@keelson/stream';
import type { Codec } from '@keelson/stream';
import type { SinkPort, Work } from './port.ts';
import { originOfParked, unitOf } from './unit.ts';
import type { Unit, WorkRecordName } from './unit.ts';
import type { ParkedEntry } from './parking.ts';

/** Reads works back out of parked entries. */
export interface WorkReader<W extends Work> {
  /** Null when its bytes are no work of this target. Throws `UnknownWriter` until the task has learned its schema. */
  work(parked: Parked): W | null;
  /** Those that can be read, and those that cannot. Throws as `work` does. */
  units(entries: Iterable<ParkedEntry>): { units: Unit<W>[]; unreadable: ParkedEntry[] };
}

export function createWorkReader<W extends Work>(
  codec: Pick<Codec, 'decode'>,
  record: WorkRecordName,
  port: Pick<SinkPort<W, unknown>, 'laneOf' | 'stateKeyOf'>,
  partition: number,
): WorkReader<W> {
  function work({ value }: Parked): W | null {
    try {
      const decoded = codec.decode(Buffer.from(value));
      return decoded.record === record ? (decoded.value as W) : null;
    } catch (error) {
      if (error instanceof Undecodable) return null;
      throw error;
    }
  }

  return {
    work,
    units(entries) {
      const units: Unit<W>[] = [];
      const unreadable: ParkedEntry[] = [];
      for (const entry of entries) {
        const [, parked] = entry;
        const read = work(parked);
        if (read === null) unreadable.push(entry);
        else units.push(unitOf(port, read, originOfParked(parked), partition, parked));
      }
      return { units, unreadable };
    },
  };
}
