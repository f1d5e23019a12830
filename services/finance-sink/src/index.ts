/** For whoever brings the ledger up and whoever reads it; the service itself is started by `main.ts`. */
export { migrateLedger } from './ledger/migrate.ts';
export type { MigrateOptions } from './ledger/migrate.ts';
export { trialBalance } from './ledger/trial-balance.ts';
export type { Balance, TrialBalance } from './ledger/trial-balance.ts';
