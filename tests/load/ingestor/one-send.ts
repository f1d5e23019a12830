/** A ceiling: `node:http`, the signature verified, the body sent by one kafkajs send with `acks=all`, then 200. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { stripeReceiver } from '@keelson/sources';
import { kafkajs } from '../kafkajs.ts';

const setting = (name: string): string => process.env[name] ?? '';
const secret = readFileSync(setting('KEELSON_STRIPE_SECRETS_FILE'), 'utf8').trim();
const secrets = [{ id: 'one', secret }];
const topic = setting('KEELSON_BENCH_TOPIC');

const kafka = new kafkajs.Kafka({
  brokers: setting('KEELSON_KAFKA_BROKERS').split(','),
  logLevel: kafkajs.logLevel.ERROR,
});
const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
await producer.connect();

createServer((request, response) => {
  if (request.method === 'GET') return void response.end('ready');
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const rawBody = Buffer.concat(chunks);
    const { headers } = request;
    const verified = stripeReceiver.verify({
      ...{ headers, rawBody, secrets, nowMs: Date.now(), toleranceMs: 300_000 },
    });
    if (!verified.ok) return void response.writeHead(401).end();
    const { id } = (JSON.parse(rawBody.toString()) as { data: { object: { id: string } } }).data.object;
    producer.send({ topic, acks: -1, messages: [{ key: id, value: rawBody }] }).then(
      () => response.writeHead(200, { 'content-length': 2 }).end('ok'),
      () => response.writeHead(503).end(),
    );
  });
}).listen(Number(setting('KEELSON_BENCH_PORT')), '127.0.0.1');
