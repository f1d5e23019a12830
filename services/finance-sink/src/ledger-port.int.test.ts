import type { FinanceWork } from '@keelson/contracts';
import { customerIdOf } from '@keelson/contracts';
import { describeSinkPort } from '@keelson/sink/contract-suite';
import type { OpenTarget } from '@keelson/sink/contract-suite';
import type { Entry } from './posting/entry.ts';
import { startCuttingProxy } from './testing/cutting-proxy.ts';
import { freshLedger, portOn, run } from './testing/test-ledger.ts';
import { creditNote, invoice, payment, work } from './testing/works.ts';

describeSinkPort<FinanceWork, Entry>('finance ledger', {
  work: (customer, version) => {
    const name = `ch_${customer}_${version}`;
    const customerId = customerIdOf(`stripe:acct_1:cus_${customer}`);
    return work('payment.succeeded', name, payment(name, 100 * version), { customer_id: customerId });
  },
  notYet: {
    work: work(
      'billing.credit_note_issued',
      'cn_1',
      creditNote('cn_1', 'in_1', [{ net: 40, line: 1 }], 'to_refund'),
    ),
    then: work('billing.invoice_finalized', 'in_1', invoice('in_1', [{ net: 100, forDays: 30 }])),
  },
  open,
});

async function open(): Promise<OpenTarget<FinanceWork, Entry>> {
  const ledger = await freshLedger();
  const proxy = await startCuttingProxy(ledger.serviceUrl);
  const url = proxy.through(ledger.serviceUrl);
  const port = portOn(url);
  return {
    port,
    reopen: async () => portOn(url),
    snapshot: () =>
      run(
        ledger.ownerUrl,
        'select to_jsonb(j) - $$posted_at$$ as line from ledger.journal j order by entry_no, line_no',
      ),
    effectsOf: async of => {
      const rows = await run(
        ledger.ownerUrl,
        `select from ledger.entry where fact_id = '${of.head.fact_id}'`,
      );
      return rows.length;
    },
    setAway: async away => proxy.setAway(away),
    loseNextAnswer: async () => proxy.cutNext('answer'),
    loseNextCall: async () => proxy.cutNext('request'),
    close: async () => {
      await port.close();
      await proxy.close();
      await ledger.drop();
    },
  };
}
