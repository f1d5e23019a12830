import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { freshLedger, portOn, run, serviceRole } from '../testing/test-ledger.ts';
import type { TestLedger } from '../testing/test-ledger.ts';
import { settle } from '../testing/settle.ts';
import { invoice, work } from '../testing/works.ts';

let ledger: TestLedger;
/** The entry that is there: an invoice's, of two lines. */
let entryId: string;

beforeAll(async () => {
  ledger = await freshLedger();
  const port = portOn(ledger.serviceUrl);
  await settle(port, [work('billing.invoice_finalized', 'in_1', invoice('in_1', [{ net: 100 }]))]);
  await port.close();
  entryId = String((await run(ledger.ownerUrl, 'select entry_id from ledger.entry'))[0]?.['entry_id']);
});
afterAll(() => ledger.drop());

const asService = (sql: string) => run(ledger.serviceUrl, sql);
const asOwner = (sql: string) => run(ledger.ownerUrl, sql);

/** The control: the same attempt, by the same role, once the owner has taken the defence away. Leaves nothing behind. */
const possibleWithout = (defence: string, attempt: string) =>
  asOwner(`begin; ${defence}; set local role ${serviceRole}; ${attempt}; rollback;`);

/** One line a triple: account, amount, currency. */
type GivenLine = readonly [account: string, amountMinor: number, currency?: string];

interface Given {
  readonly entry?: string;
  readonly fact?: string;
  readonly reverses?: string;
  readonly revision?: number;
  readonly lineCount?: number;
  readonly lines: readonly GivenLine[];
}

/** An entry and its lines in one statement, as the service makes them. */
function entrySql({
  entry = randomUUID(),
  fact = randomUUID(),
  reverses,
  revision = 0,
  lines,
  lineCount,
}: Given): string {
  return `with made as (
      insert into ledger.entry (entry_id, legal_entity, fact_id, rule, revision, rule_version, chart_version, reverses,
        event_id, event_type, customer_id, document_id, fact_date, effective_date, period, occurred_at, source, position,
        livemode, content_hash, line_count)
      values ('${entry}', 'main', '${fact}', 'rule', ${revision}, 1, 1, ${reverses === undefined ? 'null' : `'${reverses}'`},
        gen_random_uuid(), 'type', gen_random_uuid(), gen_random_uuid(), '2026-11-01', '2026-11-01', '2026-11', now(),
        'stripe', 'a/0/1', false, sha256('x'), ${lineCount ?? lines.length})
      returning entry_id)
    ${lines.length === 0 ? '' : linesSql('(select entry_id from made)', lines)}
    ${lines.length === 0 ? 'select from made' : ''}`;
}

function linesSql(entry: string, lines: readonly GivenLine[], from = 1): string {
  const rows = lines.map(
    ([account, amount, currency = 'USD'], index) =>
      `(${entry}, ${from + index}, '${account}', 'role', ${amount}, '${currency}', 2)`,
  );
  return `insert into ledger.line (entry_id, line_no, account, role, amount_minor, currency, exponent)
          values ${rows.join(', ')}`;
}

const good: readonly GivenLine[] = [
  ['1200', 5],
  ['4000', -5],
];

const dropCheck = (table: 'entry' | 'line', column: string) =>
  `alter table ledger.${table} drop constraint ${table}_${column}_check`;
const withoutLineCheck = 'drop trigger lines_complete on ledger.line';
const withoutEntryCheck = 'drop trigger entries_complete on ledger.entry';

test('the role can do what it is for', async () => {
  const entry = randomUUID();
  await asService(entrySql({ entry, lines: good }));
  expect(await asService(`select count(*) from ledger.journal where entry_id = '${entry}'`)).toEqual([
    { count: '2' },
  ]);
});

describe('what is there stays as it is', () => {
  const open = (privilege: string, table: 'entry' | 'line') =>
    `grant ${privilege} on ledger.${table} to ${serviceRole}; drop trigger ${table}_append_only on ledger.${table}`;

  test.each([
    ['UPDATE of a line', 'update ledger.line set amount_minor = amount_minor * 2', open('update', 'line')],
    ['UPDATE of an entry', "update ledger.entry set period = '2020-01'", open('update', 'entry')],
    ['DELETE of lines', 'delete from ledger.line', open('delete', 'line')],
    ['DELETE of entries', 'delete from ledger.entry', open('delete', 'entry')],
    ['TRUNCATE of lines', 'truncate ledger.line', open('truncate', 'line')],
    ['TRUNCATE of entries', 'truncate ledger.entry', open('truncate', 'entry')],
    [
      'an UPDATE by way of INSERT',
      `insert into ledger.line select * from ledger.line on conflict (entry_id, line_no) do update set amount_minor = 1`,
      // The insert itself stands in the way too: what it names is there already.
      `${open('update', 'line')}; grant insert on ledger.line to ${serviceRole}; ${withoutLineCheck}`,
    ],
    [
      'ALTER TABLE',
      'alter table ledger.line add column x text',
      `alter table ledger.line owner to ${serviceRole}; grant create on schema ledger to ${serviceRole}`,
    ],
    [
      'disabling a trigger',
      'alter table ledger.line disable trigger lines_complete',
      `alter table ledger.line owner to ${serviceRole}`,
    ],
    [
      'dropping a trigger',
      'drop trigger lines_complete on ledger.line',
      `alter table ledger.line owner to ${serviceRole}`,
    ],
    ['dropping a table', 'drop table ledger.line cascade', `alter table ledger.line owner to ${serviceRole}`],
    [
      'another check function',
      'create or replace function ledger.check_lines() returns trigger language plpgsql as $$ begin return null; end $$',
      `alter function ledger.check_lines() owner to ${serviceRole}; grant create on schema ledger to ${serviceRole}`,
    ],
    [
      'playing a replica',
      "set session_replication_role = 'replica'",
      `grant set on parameter session_replication_role to ${serviceRole}`,
    ],
    [
      'a trigger of its own',
      'create trigger own before insert on ledger.line for each row execute function ledger.refuse_change()',
      `grant trigger on ledger.line to ${serviceRole}`,
    ],
  ])('%s is refused, and works without the defence', async (_name, attempt, withoutDefence) => {
    await expect(asService(attempt)).rejects.toMatchObject({ code: '42501' });
    await possibleWithout(withoutDefence, attempt);
  });

  test('privileges alone do not open it: the append-only triggers stand behind them', async () => {
    const granted = `grant update, delete, truncate on ledger.line, ledger.entry to ${serviceRole}`;
    for (const attempt of [
      'update ledger.line set account = account',
      'delete from ledger.entry',
      'truncate ledger.line',
    ]) {
      await expect(possibleWithout(granted, attempt)).rejects.toThrow('append-only');
    }
  });

  test('the owner has to drop the defence first, too', async () => {
    await expect(asOwner('delete from ledger.line')).rejects.toThrow('append-only');
    await expect(
      asOwner("set session_replication_role = 'replica'; delete from ledger.line"),
    ).rejects.toThrow('append-only');
  });

  test('nobody says when it was posted, or in which order', async () => {
    const forged = entrySql({ lines: good });
    const posted = forged
      .replace('(entry_id, legal', '(posted_at, entry_id, legal')
      .replace("values ('", "values ('2020-01-01', '");
    const numbered = forged
      .replace('(entry_id, legal', '(entry_no, entry_id, legal')
      .replace("values ('", "overriding system value values (1, '");
    await expect(asService(posted)).rejects.toMatchObject({ code: '42501' });
    await expect(asService(numbered)).rejects.toMatchObject({ code: '42501' });
    await possibleWithout(`grant insert on ledger.entry to ${serviceRole}`, posted);
  });
});

describe('an entry is whole, and balances, within its statement', () => {
  const unbalanced: readonly GivenLine[] = [
    ['1200', 5],
    ['4000', -4],
  ];
  const across: readonly GivenLine[] = [
    ['1200', 5, 'USD'],
    ['4000', -5, 'EUR'],
  ];
  test.each<[name: string, given: Given, constraint: string, withoutDefence: string]>([
    ['unbalanced', { lines: unbalanced }, 'entry_balanced', withoutLineCheck],
    ['balanced across currencies alone', { lines: across }, 'entry_balanced', withoutLineCheck],
    [
      'of debits alone',
      {
        lines: [
          ['1200', 5],
          ['4000', 5],
        ],
      },
      'entry_balanced',
      withoutLineCheck,
    ],
    [
      'of one line',
      { lines: [['1200', 5]] },
      'entry_line_count_check',
      `${dropCheck('entry', 'line_count')}; ${withoutLineCheck}`,
    ],
    ['with fewer lines than it says', { lines: good, lineCount: 3 }, 'entry_complete', withoutLineCheck],
    [
      'with more lines than it says',
      { lines: [...good, ['1010', 1], ['1020', -1]], lineCount: 2 },
      'entry_complete',
      withoutLineCheck,
    ],
    ['without lines', { lines: [], lineCount: 2 }, 'entry_complete', withoutEntryCheck],
    [
      'with lines of zero',
      { lines: [...good, ['1010', 0]] },
      'line_amount_minor_check',
      dropCheck('line', 'amount_minor'),
    ],
  ])('%s: refused, and possible without the defence', async (_name, given, constraint, withoutDefence) => {
    await expect(asService(entrySql(given))).rejects.toMatchObject({ code: '23514', constraint });
    await possibleWithout(withoutDefence, entrySql(given));
  });

  test('lines added later are refused, by any number, alone or balanced', async () => {
    const later = linesSql(`'${entryId}'`, good, 3);
    await expect(asService(later)).rejects.toMatchObject({ constraint: 'entry_complete' });
    const again = linesSql(`'${entryId}'`, good, 1);
    await expect(asService(again)).rejects.toMatchObject({ constraint: 'line_pkey' });
    await expect(asService(linesSql(`'${entryId}'`, good, -1))).rejects.toMatchObject({ code: '23514' });
    await possibleWithout(withoutLineCheck, later);
  });

  test('lines added later in the same transaction are refused', async () => {
    const entry = randomUUID();
    const attempt = `${entrySql({ entry, lines: good })}; ${linesSql(`'${entry}'`, good, 3)}`;
    await expect(asService(`begin; ${attempt}; commit;`)).rejects.toMatchObject({
      constraint: 'entry_complete',
    });
    await possibleWithout(withoutLineCheck, attempt);
  });

  test('lines of no entry are refused', async () => {
    const attempt = linesSql(`'${randomUUID()}'`, good);
    await expect(asService(attempt)).rejects.toMatchObject({ constraint: 'entry_complete' });
    await possibleWithout(withoutLineCheck, attempt);
  });
});

describe('one entry of a fact, one reversal of an entry', () => {
  const mirror: readonly GivenLine[] = [
    ['1200', -5],
    ['4000', 5],
  ];
  let fact: string;
  let original: string;
  beforeEach(async () => {
    fact = randomUUID();
    original = randomUUID();
    await asService(entrySql({ entry: original, fact, lines: good }));
  });

  test('a second un-reversed entry is refused', async () => {
    const second = entrySql({ fact, lines: good });
    await expect(asService(second)).rejects.toMatchObject({ code: '23505' });
    await possibleWithout(
      'alter table ledger.entry drop constraint entry_fact_id_legal_entity_rule_revision_key',
      second,
    );
  });

  test('a second revision is refused while the first is not reversed, and possible afterwards', async () => {
    const second = entrySql({ fact, revision: 1, lines: good });
    await expect(asService(second)).rejects.toMatchObject({ constraint: 'one_unreversed_entry' });
    await asService(entrySql({ reverses: original, lines: mirror }));
    await asService(second);
  });

  test('a second revision needs the defence gone, else', async () => {
    await possibleWithout(withoutEntryCheck, entrySql({ fact, revision: 1, lines: good }));
  });

  test('a second reversal is refused', async () => {
    const reversal = () => entrySql({ reverses: original, lines: mirror });
    await asService(reversal());
    await expect(asService(reversal())).rejects.toMatchObject({
      code: '23505',
      constraint: 'entry_reverses_key',
    });
    await possibleWithout('alter table ledger.entry drop constraint entry_reverses_key', reversal());
  });

  test.each<[string, readonly GivenLine[]]>([
    [
      'another amount',
      [
        ['1200', -4],
        ['4000', 4],
      ],
    ],
    [
      'another account',
      [
        ['1200', -5],
        ['4900', 5],
      ],
    ],
    [
      'another currency',
      [
        ['1200', -5, 'EUR'],
        ['4000', 5, 'EUR'],
      ],
    ],
    ['further lines', [...mirror, ['1010', 1], ['1020', -1]]],
    ['no change of sign', good],
  ])('a reversal with %s is refused, and possible without the defence', async (_name, lines) => {
    const attempt = entrySql({ reverses: original, lines });
    await expect(asService(attempt)).rejects.toMatchObject({ constraint: 'reversal_mirrors' });
    await possibleWithout(withoutEntryCheck, attempt);
  });

  test('a reversal of nothing, and of a reversal, are refused', async () => {
    const reversal = randomUUID();
    await asService(entrySql({ entry: reversal, reverses: original, lines: mirror }));
    await expect(asService(entrySql({ reverses: reversal, lines: good }))).rejects.toMatchObject({
      constraint: 'reversal_mirrors',
    });
    await expect(asService(entrySql({ reverses: randomUUID(), lines: good }))).rejects.toMatchObject({
      constraint: 'reversal_mirrors',
    });
  });
});
