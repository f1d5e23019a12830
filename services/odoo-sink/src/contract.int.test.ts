import type { OdooWork } from '@keelson/contracts';
import { documentIdOf } from '@keelson/contracts';
import { describeSinkPort } from '@keelson/sink/contract-suite';
import type { OpenTarget } from '@keelson/sink/contract-suite';
import type { OdooPlan } from './plan.ts';
import { externalIdOf } from './records/external-id.ts';
import { startStandIn, tapping } from './testing/stand-in.ts';
import { customerWork, invoiceWork } from './testing/works.ts';

/**
 * The port's contract, on an Odoo where `externalId` says what a work's record is called, and `lastCall` is the call that
 * completes its effect. What comes of a cut at the calls before it is told in cuts.int.test.ts.
 */
async function openOdoo(
  externalId: (work: OdooWork) => string,
  lastCall: string,
): Promise<OpenTarget<OdooWork, OdooPlan>> {
  const odoo = await startStandIn();
  let armed = false;
  const through = tapping(async (_, method) => {
    if (!armed || method !== lastCall) return;
    armed = false;
    await odoo.setFaults({ resetAfter: 1 });
  });
  const records = async () => [...(await odoo.partners()), ...(await odoo.moves())];
  return {
    port: odoo.portWith({ through }),
    reopen: async () => odoo.portWith(),
    snapshot: records,
    effectsOf: async work =>
      (await records()).filter(record => record['external_id'] === externalId(work)).length,
    setAway: away => odoo.setFaults({ down: away }),
    loseNextAnswer: async () => {
      armed = true;
    },
    loseNextCall: () => odoo.setFaults({ resetBefore: 1 }),
    close: () => odoo.close(),
  };
}

describeSinkPort('Odoo, customers', {
  open: () => openOdoo(({ head }) => externalIdOf('keelson', 'customer', head.customer_id), 'load'),
  work: (customer, version) => customerWork({ customer, version }),
});

describeSinkPort('Odoo, invoices', {
  open: () =>
    openOdoo(({ head: { source_refs: refs } }) => {
      const invoiceId = documentIdOf('invoice', `stripe:acct_1:${refs[0]?.object_id ?? ''}`);
      return externalIdOf('keelson', 'invoice', invoiceId);
    }, 'action_post'),
  work: (customer, version) => invoiceWork({ customer, id: `in_${customer}_${version}` }),
});
