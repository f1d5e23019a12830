import { createServer } from 'node:http';
import type { Screen } from './screen.ts';
import { liveTable } from './table.ts';
import type { Numbers } from './table.ts';

/** The table for a browser or curl: `/` as text, `/table.json` as numbers. */
export interface Page extends Screen {
  close(): Promise<void>;
}

const linesKept = 200;
const refreshSeconds = 2;

/** Serves what is drawn and said. Nobody is asked who they are: the numbers hold no personal data. */
export async function servePage(host: string, port: number): Promise<Page> {
  const said: string[] = [];
  let numbers: Numbers | null = null;
  const text = (): string => [...(numbers === null ? [] : liveTable(numbers)), '', ...said, ''].join('\n');
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string): void => {
      response.writeHead(status, {
        'content-type': type,
        'cache-control': 'no-store',
        refresh: `${refreshSeconds}`,
      });
      response.end(body);
    };
    if (request.url === '/') answer(200, 'text/plain; charset=utf-8', text());
    else if (request.url === '/table.json')
      answer(200, 'application/json', JSON.stringify({ ...numbers, said }) + '\n');
    else if (request.url === '/healthz') answer(200, 'application/json', '{"status":"alive"}\n');
    else answer(404, 'text/plain; charset=utf-8', 'here are / and /table.json\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    draw: next => (numbers = next),
    say: line => {
      said.push(...line.split('\n').filter(part => part !== ''));
      said.splice(0, said.length - linesKept);
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
