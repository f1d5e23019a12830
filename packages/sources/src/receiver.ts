/** One of a source's active secrets; `id` may be logged, `secret` never. */
export interface ActiveSecret {
  readonly id: string;
  readonly secret: string;
}

/** As node:http gives them: lower-case names. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyInput {
  readonly headers: RequestHeaders;
  /** The bytes as they came; nothing has parsed them. */
  readonly rawBody: Buffer;
  readonly secrets: readonly ActiveSecret[];
  readonly nowMs: number;
  /** How far the sender's clock may be from ours, either way. */
  readonly toleranceMs: number;
}

/** `stale` is said only of an authentic request: its signature is right, its time is not. */
export type VerifyResult =
  | { readonly ok: true; readonly secretId: string }
  | { readonly ok: false; readonly reason: 'missing' | 'malformed' | 'stale' | 'forged' };

/** One record for `ingress.<source>`. */
export interface Delivery {
  /** The sender's own id; the same when it tries again. */
  readonly deliveryId: string | null;
  readonly account: string;
  /** Key of the record: whom it is about, or the account's own alias where it names nobody or cannot be read. */
  readonly alias: string;
  readonly payload: Buffer;
}

export interface SplitContext {
  /** The account of the source's policy; a sender that speaks for several names another one in the body. */
  readonly account: string;
  readonly headers: RequestHeaders;
}

/** What the edge needs to know of a source. Pure: no clock, no I/O. */
export interface Receiver {
  verify(input: VerifyInput): VerifyResult;
  /** One delivery an event. Never throws: a body that cannot be read is accepted here and rejected by the router. */
  split(rawBody: Buffer, context: SplitContext): readonly Delivery[];
}

/** A header's one value; several of the same name are joined as HTTP does. */
export function headerOf(headers: RequestHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' || value === undefined ? value : value.join(', ');
}
