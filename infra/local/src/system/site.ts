import type { KafkaConnection } from '@keelson/stream';
import type { Endpoints } from './endpoints.ts';

/** A system that runs, wherever its parts do: what is needed to send to it, to watch it and to check it. */
export interface Site {
  readonly endpoints: Endpoints;
  readonly kafka: KafkaConnection;
  /** Reads everything of the ledger. */
  readonly ledgerOwnerUrl: string;
}
