import { KeelsonError } from '@keelson/contracts';

/** Everything that is wrong with a configuration, together; the service does not start. */
export class ConfigurationError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(
      `the configuration has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n${faults.map(fault => `  ${fault}`).join('\n')}`,
    );
    this.name = 'ConfigurationError';
    this.faults = faults;
  }
}

/** Whether only an operator can mend it: the process ends with exit code 78. */
export const isMisconfiguration = (error: unknown): error is Error =>
  error instanceof ConfigurationError || (error instanceof KeelsonError && error.kind === 'misconfigured');

/** Gives what was read. Where it could not be read, whatever asks for it is passed over: its fault is known already. */
export type Reading<T> = () => T;

/** Reads one thing now; a ConfigurationError, or one of kind `misconfigured`, is kept for the report. */
export type Attempt = <T>(read: () => T) => Reading<T>;

/** Thrown by a reading that has failed. */
export class Unread extends Error {}

/** What may have been left out, because it has a fault or something above it has. @throws Unread when it was */
export function known<T>(value: T): NonNullable<T> {
  if (value === undefined || value === null) throw new Unread();
  return value;
}

/**
 * Reads a whole configuration and throws all its faults as one ConfigurationError, each once. `read` attempts everything
 * and gives what makes the result of the readings; that is called only when nothing was wrong.
 */
export function collectFaults<T>(read: (attempt: Attempt) => Reading<T>): T {
  const faults = new Set<string>();
  const attempt: Attempt = one => {
    try {
      const value = one();
      return () => value;
    } catch (error) {
      if (!(error instanceof Unread)) for (const fault of faultsOf(error)) faults.add(fault);
      return () => {
        throw new Unread();
      };
    }
  };
  const result = read(attempt);
  if (faults.size > 0) throw new ConfigurationError([...faults]);
  return result();
}

function faultsOf(error: unknown): readonly string[] {
  if (error instanceof ConfigurationError) return error.faults;
  if (isMisconfiguration(error)) return [error.message];
  throw error;
}
