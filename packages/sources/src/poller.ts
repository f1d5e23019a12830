import type { FetchRequest } from '@keelson/contracts';
import type { RequestHeaders } from './receiver.ts';

export interface SourceAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * How a poller asks its source. Answers what the source said with 200, 400 or 404; whatever says "not now" it throws as
 * Unavailable, and a key that is refused as Misconfigured.
 */
export interface SourceClient {
  get(path: string, headers: Readonly<Record<string, string>>): Promise<SourceAnswer>;
}

/** What was fetched, as it goes to `ingress.<source>`. */
export interface Fetched {
  readonly account: string;
  readonly alias: string;
  readonly payload: Buffer;
  readonly headers: RequestHeaders & Readonly<Record<string, string>>;
}

/** Asks for one object by its id, with all pages of what it lists. Pure but for the client it is handed. */
export type Poller = (request: FetchRequest, client: SourceClient) => Promise<Fetched>;
