import type { Json, WorldEvent } from '../world/company.ts';
import type { Random } from '../world/prng.ts';
import type { SupportEvent } from '../world/support.ts';
import type { Delivery, Proof } from './delivery.ts';

type Bad = Omit<Delivery, 'index'>;

const PROOFS: readonly Proof[] = ['wrong_secret', 'altered_body', 'stale', 'from_the_future', 'missing'];

/** Somebody who does not know the secret, or who sends again what they once overheard. */
export function forge(model: WorldEvent, random: Random, nth: number): Bad {
  const proof = PROOFS[nth % PROOFS.length] as Proof;
  const id = `evt_1${random.token(23)}`;
  const data = model.body.data as { object: Json };
  const body = {
    ...model.body,
    id,
    data: { ...data, object: { ...data.object, name: 'Forged & Sons', email: 'forged@example.com' } },
  };
  return { kind: 'forged', door: 'stripe', proof, id, type: model.type, body: JSON.stringify(body, null, 2) };
}

type Flaw = 'not_json' | 'no_data' | 'no_amounts' | 'unknown_currency' | 'fractional_amount';
const FLAWS: readonly Flaw[] = ['not_json', 'no_data', 'no_amounts', 'unknown_currency', 'fractional_amount'];

/** The same at the doors by which the desk comes in. */
export function forgeCase(model: SupportEvent, random: Random): Bad {
  const id = `msg_${random.token(24)}`;
  const body = { ...model.body, id };
  return {
    kind: 'forged',
    door: model.door,
    proof: 'wrong_secret',
    id,
    type: model.type,
    body: JSON.stringify(body),
  };
}

/** Signed by the right secret, and unreadable. `model` is an `invoice.finalized`; the invoice in it is another one. */
export function poison(model: WorldEvent, random: Random, nth: number): Bad {
  const flaw = FLAWS[nth % FLAWS.length] as Flaw;
  const id = `evt_1${random.token(23)}`;
  const object = { ...(model.body.data as { object: Json }).object, id: `in_1${random.token(23)}` };
  const body = { ...model.body, id };
  return {
    kind: 'poison',
    door: 'stripe',
    proof: 'right',
    id,
    type: model.type,
    body: flawed(flaw, body, object),
  };
}

function flawed(flaw: Flaw, body: Json, object: Json): string {
  const whole = (changed: Json): string => JSON.stringify({ ...body, data: { object: changed } }, null, 2);
  switch (flaw) {
    case 'not_json':
      return whole(object).slice(0, -40);
    case 'no_data':
      return JSON.stringify({ ...body, data: undefined }, null, 2);
    case 'no_amounts':
      return whole({
        ...object,
        total: undefined,
        subtotal: undefined,
        amount_due: undefined,
        lines: undefined,
      });
    case 'unknown_currency':
      return whole({ ...object, currency: 'zzq' });
    case 'fractional_amount':
      return whole({ ...object, total: 12.5, subtotal: 12.5, amount_due: 12.5 });
  }
}
