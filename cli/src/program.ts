import { Command } from 'commander';
import type { CommanderError } from 'commander';
import { addConservationCommand } from './conservation/commands.ts';
import { addControlCommands } from './control/commands.ts';
import { exitCodeHelp } from './exit-codes.ts';
import { addParkedCommands } from './parked/commands.ts';
import { addSchemaCommands } from './schemas/commands.ts';
import { addTopicCommands } from './topics/commands.ts';

/** The whole command line. `onExit` is called for help and for wrong arguments. */
export function createProgram(onExit: (error: CommanderError) => void): Command {
  const program = new Command('keelson')
    .description('Operates an installation of Keelson. Every command prints JSON with --json.')
    .showHelpAfterError()
    .addHelpText(
      'after',
      `
Examples:
  keelson topics apply --brokers localhost:9092      before the first start and after each change of topics.yaml
  keelson schemas apply --registry http://…          registers the contract, writes the id map that services read
  keelson conservation                               is everything accounted for?
  keelson parked list odoo                           what stands open, and why
  keelson release odoo --lane CUSTOMER …             let it go on
  keelson pause odoo …                               let it rest, until resume

keelson COMMAND --help has the examples of one command.

Settings are those of the services: KEELSON_KAFKA_BROKERS, KEELSON_KAFKA_TLS_CA_FILE, KEELSON_KAFKA_SASL_MECHANISM,
KEELSON_KAFKA_USERNAME, KEELSON_KAFKA_PASSWORD_FILE, KEELSON_REGISTRY_URL, KEELSON_SCHEMA_IDS_FILE,
KEELSON_POLICY_DIRECTORY, KEELSON_TOPICS_FILE. An option stands above its setting.

${exitCodeHelp}`,
    );
  // Before the commands: each takes it over when it is added.
  program.exitOverride(onExit);
  addTopicCommands(program);
  addSchemaCommands(program);
  addConservationCommand(program);
  addParkedCommands(program);
  addControlCommands(program);
  return program;
}
