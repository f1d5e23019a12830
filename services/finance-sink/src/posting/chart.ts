import { misconfigured } from '@keelson/contracts';
import type { Accounts } from '@keelson/contracts';

/** Every part that an account can play in the posting rules. */
export const roles = [
  'psp_clearing',
  'bank',
  'bank_in_transit',
  'receivable',
  'disputed_receivable',
  'suspense',
  'unapplied_cash',
  'refunds_to_allocate',
  'tax_payable',
  'customer_credit',
  'deferred_revenue',
  'revenue',
  'contra_revenue',
  'payment_fees',
  'bad_debt',
  'fx',
] as const;

export type Role = (typeof roles)[number];

/** The account of each role, and the version of the chart that says so. */
export interface Chart {
  readonly version: number;
  readonly accountOf: Readonly<Record<Role, string>>;
}

/** @throws misconfigured with every role that has no account, an unknown account, or is no role of ours. */
export function chartOf({ version, accounts, roles: given }: Accounts): Chart {
  const faults: string[] = [];
  for (const role of roles) {
    const account = given[role];
    if (account === undefined) faults.push(`no account plays the role ${role}`);
    else if (accounts[account] === undefined) faults.push(`the account ${account} of ${role} does not exist`);
  }
  for (const role of Object.keys(given)) {
    if (!roles.includes(role as Role)) faults.push(`${role} is no role of the posting rules`);
  }
  if (faults.length > 0) throw misconfigured('chart-of-accounts', `accounts.yaml: ${faults.join('; ')}`);
  return { version, accountOf: given as Record<Role, string> };
}
