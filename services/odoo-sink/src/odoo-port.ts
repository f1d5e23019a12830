import type { OdooTarget, OdooWork } from '@keelson/contracts';
import type { EffectAnswer, PortContext, SinkPort, WorkItem } from '@keelson/sink';
import { applyAll } from './apply.ts';
import type { OdooClient } from './client/json2.ts';
import { createDirectories } from './directories.ts';
import { readDirectory } from './directory.ts';
import type { Directory } from './directory.ts';
import { planAll, stateKeyOf, wantedOf } from './plan.ts';
import type { OdooPlan, OdooPlanned, Wanted } from './plan.ts';
import { setupCodes } from './records/invoice.ts';

/** Most records in one call of Odoo. */
const maxBatch = 100;

/** Odoo as a target: customers as partners, finalised invoices as posted moves. Its lane is the customer. */
export function createOdooPort(client: OdooClient, target: OdooTarget): SinkPort<OdooWork, OdooPlan> {
  const { external_id_module: module, tax_tolerance_minor: toleranceMinor } = target;
  const directories = createDirectories(context => readDirectory(client, target, context));

  async function plan(
    items: readonly WorkItem<OdooWork>[],
    context: PortContext,
  ): Promise<(OdooPlanned | EffectAnswer)[]> {
    const wantedIn = (directory: Directory): Wanted[] =>
      items.map(({ work }) => wantedOf(work, module, directory));
    let directory = await directories.current(context);
    let wanted = wantedIn(directory);
    if (wanted.some(lacksSetup)) {
      directory = await directories.renewed(context);
      wanted = wantedIn(directory);
    }
    return planAll(client.session(context, directory.companyId), items, wanted, module, directory);
  }

  return {
    needs: [],
    maxBatch,
    laneOf: ({ head }) => head.customer_id,
    stateKeyOf,
    check: async context => {
      await directories.read(context);
    },
    plan,
    async apply(planned, context) {
      const { companyId } = await directories.current(context);
      return applyAll(client.session(context, companyId), planned, { module, toleranceMinor });
    },
    async lookUp(planned, context) {
      const again = await plan(
        planned.map(({ item }) => item),
        context,
      );
      return again.map(result => ('answer' in result ? result : null));
    },
    close: () => client.close(),
  };
}

const lacksSetup = (wanted: Wanted): boolean =>
  'answer' in wanted && wanted.answer === 'refused' && setupCodes.has(wanted.code);
