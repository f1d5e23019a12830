import { createServer } from 'node:http';

/** Says on the port that the benchmark chose that this program is there, and what `tell` knows. */
export const answerReady = (tell: () => object = () => ({})): void =>
  void createServer((_, response) => void response.end(JSON.stringify(tell()))).listen(
    Number(process.env['KEELSON_BENCH_PORT']),
    '127.0.0.1',
  );
