import { expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Json } from './company.ts';
import { createWorld } from './world.ts';

/** The provider's own type of each object. Text decimals are a class of the SDK's there, text on the wire. */
const TYPES: Record<string, string> = {
  balance_transaction: 'BalanceTransaction',
  charge: 'Charge',
  credit_note: 'CreditNote',
  customer: 'Customer',
  customer_balance_transaction: 'CustomerBalanceTransaction',
  dispute: 'Dispute',
  invoice: 'Invoice',
  invoice_payment: 'InvoicePayment',
  payment_intent: 'PaymentIntent',
  payment_method: 'PaymentMethod',
  payout: 'Payout',
  price: 'Price',
  product: 'Product',
  refund: 'Refund',
  subscription: 'Subscription',
  tax_id: 'TaxId',
};

const PRELUDE = `import type Stripe from 'stripe';
type Wire<T> = T extends string | number | boolean | null | undefined | void ? T
  : T extends Array<infer U> ? Array<Wire<U>>
  : T extends object ? { [K in keyof T as K extends \`\${string}_decimal\` ? never : K]: Wire<T[K]> } : T;
`;

/** Compiles the objects as literals of the SDK's types: missing, unknown and ill-typed fields are all errors. */
function faultsOf(objects: readonly Json[]): string[] {
  const source =
    PRELUDE +
    objects
      .map((one, i) => `export const o${i}: Wire<Stripe.${TYPES[String(one.object)]}> = ${literal(one)};`)
      .join('\n');
  const name = fileURLToPath(new URL('./virtual-sdk-check.ts', import.meta.url));
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  const readReal = host.getSourceFile.bind(host);
  host.getSourceFile = (file, target) =>
    file === name ? ts.createSourceFile(file, source, target, true) : readReal(file, target);
  const program = ts.createProgram([name], options, host);
  const file = program.getSourceFile(name);
  return ts
    .getPreEmitDiagnostics(program, file)
    .map(fault => ts.flattenDiagnosticMessageText(fault.messageText, ' ').slice(0, 300));
}

const literal = (value: unknown): string =>
  JSON.stringify(value, (key: string, inner: unknown) => (key.endsWith('_decimal') ? undefined : inner));

test('every current object is one of the SDK types, field by field', () => {
  const world = createWorld({ seed: 7, events: 2000 });
  const seen = new Map<string, Json[]>();
  const take = (one: Json): void => {
    const kept = seen.get(String(one.object)) ?? [];
    if (kept.length < 4) seen.set(String(one.object), [...kept, one]);
  };
  for (const event of world.providerEvents) {
    if (event.era === 'current') take((event.body.data as { object: Json }).object);
  }
  for (const [id, render] of world.company.objects) if (/^(txn|cbtxn)_/.test(id)) take(render('current'));
  expect([...seen.keys()].sort()).toEqual(Object.keys(TYPES).sort());
  expect(faultsOf([...seen.values()].flat())).toEqual([]);

  const [customer] = seen.get('customer') ?? [];
  expect(faultsOf([{ ...customer, balance: 'nothing', surprise: true }])).not.toEqual([]);
});
