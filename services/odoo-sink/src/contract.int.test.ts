import type { OdooWork } from '@keelson/contracts';
import { documentIdOf } from '@keelson/contracts';
import { describeSinkPort } from '@keelson/sink/contract-suite';
import type { OpenTarget } from '@keelson/sink/contract-suite';
import type { OdooPlan } from './plan.ts';
import { externalIdOf } from './records/external-id.ts';
import { newModule, openRealOdoo, realServer } from './testing/real-odoo.ts';
import type { ContractOdoo } from './testing/real-odoo.ts';
import { startStandIn, tapping } from './testing/stand-in.ts';
import { customerWork, invoiceWork } from './testing/works.ts';

/**
 * The port's contract, on an Odoo where `externalId` says what a work's record is called, and `lastCall` is the call that
 * completes its effect. What comes of a cut at the calls before it is told in cuts.int.test.ts.
 */
function targetOn(
  odoo: ContractOdoo,
  externalId: (work: OdooWork) => string,
  lastCall: string,
): OpenTarget<OdooWork, OdooPlan> {
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

/** `open` gives an Odoo that holds nothing in the module of external ids that it is given. */
function describeOdoo(
  name: string,
  nextModule: () => string,
  open: (module: string) => Promise<ContractOdoo>,
) {
  let module: string;
  const openNext = (): Promise<ContractOdoo> => {
    module = nextModule();
    return open(module);
  };

  describeSinkPort(`${name}, customers`, {
    open: async () =>
      targetOn(await openNext(), ({ head }) => externalIdOf(module, 'customer', head.customer_id), 'load'),
    work: (customer, version) => customerWork({ customer, version }),
  });

  describeSinkPort(`${name}, invoices`, {
    open: async () =>
      targetOn(
        await openNext(),
        ({ head: { source_refs: refs } }) => {
          const invoiceId = documentIdOf('invoice', `stripe:acct_1:${refs[0]?.object_id ?? ''}`);
          return externalIdOf(module, 'invoice', invoiceId);
        },
        'action_post',
      ),
    work: (customer, version) => {
      const id = `in_${customer}_${version}`;
      return invoiceWork({ customer, id, change: { number: `${module}-${id}` } });
    },
  });
}

describeOdoo('Odoo', () => 'keelson', startStandIn);

const real = realServer(process.env);
if (real !== undefined) describeOdoo('a real Odoo', newModule, module => openRealOdoo(real, module));
