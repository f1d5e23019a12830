import type { PortContext } from '@keelson/sink';
import type { Directory } from './directory.ts';

const maxAgeMs = 10 * 60_000;
const renewableAfterMs = 5_000;

/** The directory, kept for ten minutes. */
export interface Directories {
  current(context: PortContext): Promise<Directory>;
  /** For what the one at hand lacks: somebody may have set it up meanwhile. Asks Odoo every five seconds at most. */
  renewed(context: PortContext): Promise<Directory>;
  /** Reads it, whatever its age. */
  read(context: PortContext): Promise<Directory>;
}

export function createDirectories(readNow: (context: PortContext) => Promise<Directory>): Directories {
  let kept: { readonly directory: Directory; readonly atMs: number } | undefined;
  const read = async (context: PortContext): Promise<Directory> => {
    const directory = await readNow(context);
    kept = { directory, atMs: context.now() };
    return directory;
  };
  const youngerThan = async (ageMs: number, context: PortContext): Promise<Directory> =>
    kept !== undefined && context.now() - kept.atMs < ageMs ? kept.directory : read(context);
  return {
    read,
    current: context => youngerThan(maxAgeMs, context),
    renewed: context => youngerThan(renewableAfterMs, context),
  };
}
