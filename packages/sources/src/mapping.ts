import type { Fact, Ingress, Source } from '@keelson/contracts';

/** A fact without what only the router knows: whose it is, where it was read and when it came. */
export type MappedFact = Omit<Fact, 'customer_id' | 'position' | 'received_at' | 'origin'>;

/** The delivery names `alias` as its own customer's; resolve hands the claim to the alias's owner. */
export interface MappedClaim {
  readonly alias: string;
  readonly rule: string;
}

/** Ask the source for one object, under the delivery's own alias. */
export interface MappedFetch {
  readonly objectType: string;
  readonly objectId: string;
  readonly reason: string;
}

interface Told {
  /** Of type and content alone: two tries of one delivery agree, the same id with other content does not. */
  readonly contentHash: string;
  readonly mappingVersion: number;
}

export interface MappedDelivery extends Told {
  readonly outcome: 'facts';
  /** All about the delivery's own alias, in the order in which they happened; may be empty. */
  readonly facts: readonly MappedFact[];
  readonly claims: readonly MappedClaim[];
  readonly fetches: readonly MappedFetch[];
}

export interface FilteredDelivery extends Told {
  readonly outcome: 'filtered';
  /** Why nobody needs it; `unsupported-type` where no mapping knows the type. */
  readonly rule: string;
}

export type Mapping = MappedDelivery | FilteredDelivery;

export interface MapContext {
  readonly source: Source;
  readonly legalEntity: string;
  /** Of the legal entity: decides accounting dates. */
  readonly timeZone: string;
}

/** Pure. Throws invalidEvent for what cannot be read. */
export type Mapper = (ingress: Ingress, context: MapContext) => Mapping;
