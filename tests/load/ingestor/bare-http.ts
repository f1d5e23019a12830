/** A ceiling: `node:http`, answering 204 and doing nothing else. */
import { createServer } from 'node:http';

createServer((request, response) => {
  if (request.method === 'GET') return void response.end('ready');
  request.resume();
  request.on('end', () => response.writeHead(204).end());
}).listen(Number(process.env['KEELSON_BENCH_PORT']), '127.0.0.1');
