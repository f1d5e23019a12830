/**
 * The platform could not be brought up. The message says what is missing and what to do about it, so that
 * callers can print it without a stack.
 */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
}

/** The text of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
