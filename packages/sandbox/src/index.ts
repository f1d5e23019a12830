/** The world outside, to run and test Keelson against. Knows nothing of Keelson. */
export type { Delivery, DeliveryKind, Door, Proof } from './traffic/delivery.ts';
export { planDeliveries } from './traffic/plan.ts';
export type { TrafficOptions, TrafficProgress, TrafficResult } from './traffic/send-traffic.ts';
export { sendDeliveries, sendTraffic } from './traffic/send-traffic.ts';
export type { TrafficSecrets } from './traffic/sign.ts';
export { prove, standardSignature, stripeSignature } from './traffic/sign.ts';
export type { StripeOptions, StripeStandIn } from './stripe/server.ts';
export { startStripe } from './stripe/server.ts';
export type { Expectations } from './world/expectations.ts';
export { expectationsOf } from './world/expectations.ts';
export type { ExpectedBalance, ExpectedEntry, PostingLine, PostingRule } from './world/expected/ledger.ts';
export { DEFAULT_RULES, POSTING_RULES } from './world/expected/ledger.ts';
export type { ExpectedInvoice, ExpectedPartner } from './world/expected/odoo.ts';
export type { ExpectedDeskCustomer, MrrBand } from './world/expected/desk.ts';
export type { WorldEvent } from './world/company.ts';
export type { SupportEvent } from './world/support.ts';
export type { World, WorldOptions } from './world/world.ts';
export { createWorld, DEFAULT_ACCOUNT, objectsOf } from './world/world.ts';
export { callDesk, readAllDeskUsers, type DeskTarget } from './desk/client.ts';
export { startDesk, type DeskOptions, type RunningDesk } from './desk/server.ts';
export { noFaults, type Faults } from './faults.ts';
export {
  callOdoo,
  odooResult,
  readAllMoves,
  readAllPartners,
  type Answer,
  type OdooTarget,
} from './odoo/client.ts';
export { startOdoo, type ApiKey, type OdooOptions, type Running as RunningOdoo } from './odoo/server.ts';
