import type { ServerResponse } from 'node:http';

/** Why a request was not accepted; also the label of the metric. */
export type Refusal =
  | 'not_found'
  | 'method_not_allowed'
  | 'too_large'
  | 'missing_signature'
  | 'malformed_signature'
  | 'stale_signature'
  | 'forged_signature'
  | 'invalid_event'
  | 'rate_limited'
  | 'overloaded'
  | 'broker_unavailable'
  | 'internal';

interface Answer {
  readonly status: number;
  readonly message: string;
}

const answers: Readonly<Record<Refusal, Answer>> = {
  not_found: { status: 404, message: 'here are POST /webhooks/<source> and POST /v1/events' },
  method_not_allowed: { status: 405, message: 'only POST' },
  too_large: { status: 413, message: 'the body is larger than 768 KiB' },
  missing_signature: { status: 401, message: 'the request is not signed' },
  malformed_signature: { status: 401, message: 'the signature cannot be read' },
  stale_signature: { status: 401, message: 'the signature is too old, or from the future' },
  forged_signature: { status: 401, message: 'the signature is not by a known secret' },
  invalid_event: { status: 422, message: 'the event violates the contract' },
  rate_limited: { status: 429, message: 'too many requests of this source' },
  overloaded: { status: 503, message: 'too much is under way' },
  broker_unavailable: { status: 503, message: 'the event could not be stored; send it again' },
  internal: { status: 500, message: 'the event could not be stored' },
};

export interface RefusalDetails {
  readonly retryAfterSeconds?: number;
  /** More about an invalid event. */
  readonly faults?: readonly unknown[];
  /** The rest of the body is not read: the connection cannot be used again. */
  readonly close?: boolean;
}

/** `{error, message}` with the refusal's status. */
export function refuse(response: ServerResponse, refusal: Refusal, details: RefusalDetails = {}): void {
  const { status, message } = answers[refusal];
  const { retryAfterSeconds, faults, close } = details;
  const body =
    JSON.stringify({ error: refusal, message, ...(faults === undefined ? {} : { faults }) }) + '\n';
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(refusal === 'method_not_allowed' ? { allow: 'POST' } : {}),
    ...(close === true ? { connection: 'close' } : {}),
  });
  response.end(body);
}

// As text it leaves in one write with its headers; as bytes it would be a second one.
const accepted = '{"accepted":1}\n';
const acceptedHeaders = ['content-type', 'application/json', 'content-length', String(accepted.length)];

/** Only after the broker has acknowledged every delivery of the request. */
export function accept(response: ServerResponse, status: 200 | 202, done?: () => void): void {
  response.writeHead(status, acceptedHeaders);
  response.end(accepted, 'latin1', done);
}
