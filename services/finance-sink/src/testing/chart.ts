import type { Chart } from '../posting/chart.ts';

/** The chart as the policy ships it. */
export const testChart: Chart = {
  version: 1,
  accountOf: {
    psp_clearing: '1010',
    bank: '1020',
    bank_in_transit: '1030',
    receivable: '1200',
    disputed_receivable: '1250',
    suspense: '1990',
    unapplied_cash: '2100',
    refunds_to_allocate: '2150',
    tax_payable: '2200',
    customer_credit: '2250',
    deferred_revenue: '2300',
    revenue: '4000',
    contra_revenue: '4900',
    payment_fees: '6100',
    bad_debt: '6200',
    fx: '7000',
  },
};
