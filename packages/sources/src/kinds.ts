import type { Source } from '@keelson/contracts';
import { apiReceiver } from './api/receive.ts';
import { mapCanonical } from './canonical/map.ts';
import type { Mapper } from './mapping.ts';
import type { Receiver } from './receiver.ts';
import { standardWebhooksReceiver } from './standard-webhooks/receive.ts';
import { mapStripe } from './stripe/map.ts';
import { stripeReceiver } from './stripe/receive.ts';

type Kind = Source['kind'];

const receivers: Readonly<Record<Kind, Receiver>> = {
  stripe: stripeReceiver,
  'standard-webhooks': standardWebhooksReceiver,
  api: apiReceiver,
};

const mappers: Readonly<Record<Kind, Mapper>> = {
  stripe: mapStripe,
  'standard-webhooks': mapCanonical,
  api: mapCanonical,
};

/** How a source's requests are verified and split. */
export const receiverOf = (kind: Kind): Receiver => receivers[kind];

/** How a source's deliveries become facts. */
export const mapperOf = (kind: Kind): Mapper => mappers[kind];
