/** By which door a delivery comes in. */
export type Door = 'stripe' | 'standard-webhooks' | 'api';

export type DeliveryKind = 'event' | 'duplicate' | 'forged' | 'poison';

/** What is wrong with how a forged delivery proves itself. `right` is all the others. */
export type Proof = 'right' | 'wrong_secret' | 'altered_body' | 'stale' | 'from_the_future' | 'missing';

/** One HTTP request to be made; signed only when it is sent. */
export type Delivery = {
  /** Its place in the run, from 0. */
  index: number;
  kind: DeliveryKind;
  door: Door;
  proof: Proof;
  /** The event's id: for poison, what its sender would call it. */
  id: string;
  type: string;
  body: string;
};

/** What a right receiver answers: accepted, or turned away at the door. */
export const expectedStatus = (delivery: Pick<Delivery, 'kind'>): 'accepted' | 401 =>
  delivery.kind === 'forged' ? 401 : 'accepted';
