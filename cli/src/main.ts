import { Command } from 'commander';
import { UsageError } from './connection.ts';
import { addConservationCommand } from './conservation/commands.ts';
import { addParkedCommands } from './parked/commands.ts';
import { addSchemaCommands } from './schemas/commands.ts';
import { addTopicCommands } from './topics/commands.ts';

const program = new Command('keelson')
  .description('Operates an installation of Keelson. Every command prints JSON with --json.')
  .showHelpAfterError()
  .addHelpText(
    'after',
    `
Exit codes: 0 all well, 1 something differs or failed, 2 wrong arguments.

  keelson topics apply --brokers localhost:9092      before the first start and after each change of topics.yaml
  keelson schemas apply --registry http://…          registers the contract, writes the id map that services read
  keelson conservation                               is everything accounted for?
  keelson parked list odoo                           what stands open, and why
  keelson release odoo --lane CUSTOMER …             let it go on`,
  );

// Before the commands: each takes it over when it is added.
program.exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2));

addTopicCommands(program);
addSchemaCommands(program);
addConservationCommand(program);
addParkedCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`keelson: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
