import { invoiceExtras, payByBank, payByCard, voidInvoice, writeOff } from './actions/one-offs.ts';
import { changePlan, renew, retryPayment } from './actions/renewing.ts';
import { failRefund, goodwillLine, issueCreditNote, refund, shareOfLines } from './actions/crediting.ts';
import { deleteCustomer, updateCustomer, setDelinquent } from './actions/customer.ts';
import { closeDispute, openDispute } from './actions/disputing.ts';
import { endSubscription, live, pause, resume, scheduleCancel } from './actions/subscribing.ts';
import type { PlanName } from './catalogue.ts';
import { PLANS } from './catalogue.ts';
import type { Scene } from './company.ts';
import { did } from './company.ts';
import type { Acts } from './life.ts';
import { passDays } from './life.ts';
import type { Invoice } from './model.ts';
import { dueOf, totalsOf } from './model.ts';
import { roundMinor } from './money.ts';
import { CLOSING_S, DAY_S } from './time.ts';

/** Something that can befall a customer, if they are in the right place for it. */
export type Twist = { name: string; fits: (scene: Scene) => boolean; play: (scene: Scene) => Acts };

const isActive = (scene: Scene): boolean =>
  scene.subscription !== null &&
  scene.subscription.status === 'active' &&
  scene.subscription.pause === null &&
  scene.subscription.cancelAt === null;

const isMonthly = (scene: Scene): boolean => isActive(scene) && live(scene).item.price.interval === 'month';
const pays = (scene: Scene): boolean => isMonthly(scene) && live(scene).item.price.unitAmountMinor > 0;
const hasTime = (scene: Scene): boolean => live(scene).periodEnd + 10 * DAY_S < CLOSING_S;
const hasNoCredit = (scene: Scene): boolean => scene.customer.balanceMinor === 0;

/** Paid by card in full, all lines above zero, and never touched since. */
function untouched(scene: Scene): Invoice | undefined {
  return scene.company.invoices.find(
    invoice =>
      invoice.customer === scene.customer &&
      invoice.status === 'paid' &&
      invoice.charge?.status === 'succeeded' &&
      invoice.charge.refunds.length === 0 &&
      !invoice.charge.disputed &&
      invoice.postPaymentCreditMinor === 0 &&
      invoice.lines.every(line => line.amountMinor > 0) &&
      invoice.paidMinor === totalsOf(invoice.lines).totalMinor,
  );
}
const hasUntouched = (scene: Scene): boolean => untouched(scene) !== undefined;

function chosen(scene: Scene): Invoice {
  const invoice = untouched(scene);
  if (invoice === undefined) throw new Error('the twist does not fit');
  return invoice;
}

const part = (scene: Scene, amountMinor: number): number =>
  roundMinor(scene.customer.currency, (amountMinor * scene.random.pick([20, 25, 40, 50])) / 100);

function* oneOff(scene: Scene, then: (invoice: Invoice) => void, days: number): Acts {
  const extras = scene.random.pick([
    ['Onboarding workshop'],
    ['Premium support (12 months)'],
    ['Onboarding workshop', 'Premium support (12 months)'],
  ] as const);
  const invoice = invoiceExtras(scene, extras);
  yield;
  if (invoice.status !== 'open') return;
  yield* passDays(scene, days);
  then(invoice);
  yield;
}

function* renewDeclined(scene: Scene, days: number, then: (invoice: Invoice) => void): Acts {
  const subscription = live(scene);
  scene.now = Math.max(scene.now, subscription.periodEnd);
  const invoice = renew(scene, true);
  yield;
  if (invoice.status !== 'open') return;
  scene.now += days * DAY_S;
  then(invoice);
  yield;
}

function* change(scene: Scene, up: boolean): Acts {
  const subscription = live(scene);
  const at = PLANS.indexOf(subscription.item.price.product.name as PlanName);
  const plan = PLANS[at + (up ? 1 : -1)] as PlanName;
  changePlan(scene, plan, subscription.item.quantity);
  yield;
  if (!up && isMonthly(scene) && hasTime(scene)) {
    scene.now = Math.max(scene.now, subscription.periodEnd);
    renew(scene, false);
    yield;
  }
}

function* dispute(scene: Scene, won: boolean | null): Acts {
  const { charge } = chosen(scene);
  if (charge === null) return;
  const opened = openDispute(scene, charge);
  yield;
  if (won === null) return;
  yield* passDays(scene, scene.random.int(8, 25));
  closeDispute(scene, opened, won);
  yield;
}

function* once(act: () => void): Acts {
  act();
  yield;
}

const planIs = (scene: Scene, ...plans: PlanName[]): boolean =>
  plans.includes(live(scene).item.price.product.name as PlanName);

/** The whole deck. It is dealt through before anything comes twice, so that every run sees everything early. */
export const TWISTS: readonly Twist[] = [
  { name: 'upgrade', fits: s => isMonthly(s) && !planIs(s, 'Enterprise'), play: s => change(s, true) },
  {
    name: 'downgrade',
    fits: s => isMonthly(s) && planIs(s, 'Team', 'Business', 'Enterprise'),
    play: s => change(s, false),
  },
  {
    name: 'payment fails, then succeeds',
    fits: s => pays(s) && hasTime(s),
    play: s => renewDeclined(s, 3, invoice => retryPayment(s, invoice)),
  },
  {
    name: 'payment fails for good',
    fits: s => pays(s) && hasTime(s) && hasNoCredit(s),
    play: s =>
      renewDeclined(s, 9, invoice => {
        writeOff(s, invoice);
        endSubscription(s);
        setDelinquent(s, false);
      }),
  },
  { name: 'payment is still owed', fits: s => pays(s) && hasTime(s), play: s => once(() => renew(s, true)) },
  { name: 'one-off, by card', fits: isActive, play: s => oneOff(s, invoice => payByCard(s, invoice), 5) },
  {
    name: 'one-off, by bank',
    fits: s => isActive(s) && hasNoCredit(s),
    play: s => oneOff(s, invoice => payByBank(s, invoice), 12),
  },
  {
    name: 'one-off, voided',
    fits: s => isActive(s) && hasNoCredit(s),
    play: s => oneOff(s, invoice => voidInvoice(s, invoice), 2),
  },
  {
    name: 'one-off, never paid',
    fits: s => isActive(s) && hasNoCredit(s),
    play: s => oneOff(s, invoice => writeOff(s, invoice), 40),
  },
  {
    name: 'credit note before payment',
    fits: s => isActive(s) && hasNoCredit(s),
    play: s =>
      oneOff(
        s,
        invoice => {
          did(s, 'credit_note_pre_payment');
          issueCreditNote(s, invoice, shareOfLines(s, invoice, s.random.pick([20, 30, 50])), 'receivable');
          if (dueOf(invoice) > 0) payByCard(s, invoice);
        },
        4,
      ),
  },
  {
    name: 'refund in full',
    fits: hasUntouched,
    play: s =>
      once(() => {
        const invoice = chosen(s);
        did(s, 'refunded_full');
        refund(s, invoice, invoice.paidMinor);
      }),
  },
  {
    name: 'refund in part, twice',
    fits: hasUntouched,
    play: function* (s) {
      const invoice = chosen(s);
      did(s, 'refunded_partial');
      refund(s, invoice, part(s, invoice.paidMinor));
      yield;
      yield* passDays(s, 3);
      did(s, 'refunded_partial');
      refund(s, invoice, part(s, invoice.paidMinor));
      yield;
    },
  },
  {
    name: 'refund with credit note',
    fits: hasUntouched,
    play: s =>
      once(() => {
        const invoice = chosen(s);
        did(s, 'refunded_with_credit_note');
        did(s, 'credit_note_post_payment');
        const lines = shareOfLines(s, invoice, s.random.pick([50, 100]));
        issueCreditNote(s, invoice, lines, refund(s, invoice, totalsOf(lines).totalMinor));
      }),
  },
  {
    name: 'refund that fails',
    fits: hasUntouched,
    play: function* (s) {
      const invoice = chosen(s);
      did(s, 'refunded_partial');
      const made = refund(s, invoice, part(s, invoice.paidMinor));
      yield;
      yield* passDays(s, 5);
      failRefund(s, made);
      yield;
    },
  },
  {
    name: 'credit note to the balance',
    fits: hasUntouched,
    play: s =>
      once(() => {
        const invoice = chosen(s);
        did(s, 'credit_note_to_balance');
        const lines = s.random.chance(0.3)
          ? [goodwillLine(s, invoice, 10)]
          : shareOfLines(s, invoice, s.random.pick([25, 60]));
        issueCreditNote(s, invoice, lines, 'customer_credit');
      }),
  },
  { name: 'dispute won', fits: hasUntouched, play: s => dispute(s, true) },
  { name: 'dispute lost', fits: hasUntouched, play: s => dispute(s, false) },
  { name: 'dispute open', fits: hasUntouched, play: s => dispute(s, null) },
  {
    name: 'pause and resume',
    fits: s => isActive(s) && live(s).periodEnd - s.now > 6 * DAY_S,
    play: function* (s) {
      pause(s);
      yield;
      s.now += 4 * DAY_S;
      resume(s);
      yield;
    },
  },
  { name: 'pause', fits: isActive, play: s => once(() => pause(s)) },
  {
    name: 'cancel at the end of the period',
    fits: s => isMonthly(s) && hasTime(s),
    play: function* (s) {
      scheduleCancel(s);
      yield;
      yield* passDays(s, 35);
    },
  },
  { name: 'cancel scheduled', fits: isActive, play: s => once(() => scheduleCancel(s)) },
  { name: 'customer updated', fits: () => true, play: s => once(() => updateCustomer(s)) },
  {
    name: 'customer deleted',
    fits: s => isActive(s),
    play: function* (s) {
      endSubscription(s);
      yield;
      deleteCustomer(s);
      yield;
    },
  },
];
