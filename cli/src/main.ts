import { exitCodes } from './exit-codes.ts';
import { failureOf } from './failure.ts';
import { createProgram } from './program.ts';

try {
  // Help and wrong arguments end here; commands inherit this when they are made.
  const program = createProgram(error => process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage));
  await program.parseAsync();
} catch (error) {
  const { exitCode, message } = failureOf(error);
  process.stderr.write(`keelson: ${message}\n`);
  process.exitCode = exitCode;
}
