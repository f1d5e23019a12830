import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is answered to requests for objects by id. */
export interface StandInStripe {
  readonly url: string;
  /** By path and query; others are 404. */
  readonly objects: Map<string, unknown>;
  /** Paths asked for, in order. */
  readonly asked: readonly string[];
  /** Answers the next requests with this status. */
  refuse(status: number, times?: number): void;
  close(): void;
}

export const movementPath = (id: string): string => `/v1/balance_transactions/${id}?expand[]=source`;

export async function startStripe(): Promise<StandInStripe> {
  const objects = new Map<string, unknown>();
  const asked: string[] = [];
  let refusal = { status: 0, times: 0 };
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const found = objects.get(url);
    const status = refusal.times-- > 0 ? refusal.status : found === undefined ? 404 : 200;
    response.writeHead(status).end(JSON.stringify(found ?? {}));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    asked,
    refuse: (status, times = Infinity) => void (refusal = { status, times }),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
