export * from './receiver.ts';
export * from './mapping.ts';
export { stripeReceiver } from './stripe/receive.ts';
export { mapStripe } from './stripe/map.ts';
export { namesCustomer as namesStripeCustomer, objectTypeOf as stripeObjectTypeOf } from './stripe/names.ts';
