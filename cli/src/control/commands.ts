import type { Command } from 'commander';
import { UsageError } from '../connection.ts';
import { withCluster, withExamples, withJson, withPolicy, withSchemas } from '../flags.ts';
import { print } from '../output.ts';
import { sendOrder } from './send.ts';
import type { Order, OrderFlags } from './send.ts';

interface Selection {
  readonly lane?: string;
  readonly entry?: string;
  readonly all?: boolean;
}

const who = '--actor ada --reason "period opened"';

/** What operators may tell services: each command stands in the audit before it is sent. */
export function addControlCommands(program: Command): void {
  const selecting = (command: Command): Command =>
    command
      .option('--lane <lane>', 'one lane: a customer’s id, or an alias; finance has no lanes, use --entry')
      .option('--entry <key>', 'one entry, by the key that parked list shows');

  withExamples(
    ordering(
      selecting(program.command('release <target>')).option('--all', 'everything that is parked there'),
    ).description('let a lane go on, in order: the parked work is tried again'),
    [`release odoo --lane CUSTOMER ${who}`, 'one customer goes on'],
    [`release router --all ${who}`, 'everything that the router parked is tried again'],
  ).action(async (target: string, flags: OrderFlags & Selection) =>
    send(flags, { command: 'release', target, ...selected(flags) }),
  );

  withExamples(
    ordering(
      selecting(program.command('discard <target>'))
        .option('--all', 'every exception that is parked there now; what only waits its turn stays')
        .option('--yes', 'goes with --all: there is no way back'),
    ).description(
      'close entries without their effect; each gets the receipt `discarded` and stands in the audit',
    ),
    [`discard odoo --entry KEY ${who}`, 'one entry; what stood behind it goes on'],
    [`discard odoo --lane CUSTOMER ${who}`, 'the line of one customer'],
    [
      `discard router --lane stripe:acct_1:ch_1 ${who}`,
      'what is parked under an alias, and what waits for it',
    ],
    [`discard odoo --all --yes ${who}`, 'every exception of the target'],
  ).action(async (target: string, flags: OrderFlags & Selection & { readonly yes?: boolean }) => {
    if (flags.all === true && flags.yes !== true)
      throw new UsageError(
        `this closes every exception of ${target} for good, and none of their effects is made: ` +
          `see them with keelson parked list ${target}, then say --yes too`,
      );
    await send(flags, { command: 'discard', target, ...selected(flags) });
  });

  withExamples(
    ordering(program.command('pause <target>')).description(
      'let a sink rest: it takes no work, also after a restart, until resume; nothing is lost',
    ),
    [`pause odoo ${who}`, 'while Odoo is upgraded'],
  ).action(async (target: string, flags: OrderFlags) => send(flags, { command: 'pause', target }));

  withExamples(
    ordering(program.command('resume <target>')).description(
      'end a pause, also one that a storm of refusals made',
    ),
    [`resume odoo ${who}`, 'it goes on where it was'],
  ).action(async (target: string, flags: OrderFlags) => send(flags, { command: 'resume', target }));

  withExamples(
    ordering(program.command('link <alias> <customer>')).description(
      'say whose an alias is, above every claim; what waits behind it goes on',
    ),
    [`link stripe:acct_1:ch_1 CUSTOMER ${who}`, 'settles a claim_conflict or an alias that nobody claims'],
  ).action(async (alias: string, customer: string, flags: OrderFlags) =>
    send(flags, { command: 'link', target: 'router', lane: alias, customer }),
  );
}

const ordering = (command: Command): Command =>
  withJson(withPolicy(withSchemas(withCluster(command))))
    .requiredOption('--actor <who>', 'who says so; stands in the audit')
    .requiredOption('--reason <text>', 'why; stands in the audit');

/** Exactly one of the three: whoever names two may mean either. */
function selected({ lane, entry, all }: Selection): Pick<Order, 'lane' | 'entry'> {
  if ([lane, entry, all].filter(each => each !== undefined).length !== 1)
    throw new UsageError('say which: one of --lane, --entry and --all');
  return {
    ...(lane === undefined ? {} : { lane }),
    // Before topic, generation and offset an entry's key names whose partition it stands in; an alias may hold slashes.
    ...(entry === undefined ? {} : { lane: entry.split('/').slice(0, -3).join('/'), entry }),
  };
}

async function send(flags: OrderFlags, order: Order): Promise<void> {
  const control = await sendOrder(order, flags);
  print(flags, control, () => [
    `${order.command} was sent to ${order.target} as command ${control.command_id}`,
  ]);
}
