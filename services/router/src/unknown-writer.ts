import { UnknownWriter } from '@keelson/stream';

/**
 * For whoever turns errors into rejections and exceptions: state that nobody here can read yet is no fault of the record
 * at hand. It goes to the task, which learns the schema and calls again with the same records.
 */
export function passUnknownWriter(error: unknown): void {
  if (error instanceof UnknownWriter) throw error;
}
