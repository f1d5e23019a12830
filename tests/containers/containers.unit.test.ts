/** The rules that Dockerfile and compose file keep, held without an engine. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { Endpoints } from '../../infra/local/src/system/endpoints.ts';
import { serviceNames } from '../../infra/local/src/system/environment.ts';

interface Service {
  readonly image: string;
  readonly command?: string | readonly string[];
  readonly entrypoint?: readonly string[];
  readonly user?: string;
  readonly privileged?: boolean;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

const root = join(import.meta.dirname, '../..');
const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const compose = parse(text('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
};
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image.startsWith('keelson'));
const dockerfile = text('infra/docker/Dockerfile').replaceAll(/\\\n/g, ' ');
const service = (name: string): Service => compose.services[name] as Service;
/** `volume:place` or `volume:place:ro` → place. */
const places = ({ volumes = [] }: Service): string[] => volumes.map(volume => volume.split(':')[1] ?? '');

describe('Dockerfile', () => {
  const stages = dockerfile.split(/^(?=FROM )/m).slice(1);
  const stage = (name: string): string => stages.find(one => one.includes(` AS ${name}\n`)) ?? '';

  test.each(['services', 'demo'])('%s runs as nobody special, with a health check', name => {
    const lines = stage(name).split('\n');
    expect(lines.filter(line => line.startsWith('USER '))).toEqual(['USER node']);
    expect(lines.some(line => line.startsWith('HEALTHCHECK '))).toBe(true);
  });

  test('what is built without a target is what is deployed, and holds no stand-in', () => {
    expect(stages.at(-1)).toBe(stage('services'));
    expect(stage('services')).toMatch(/^RUN rm -r packages\/sandbox infra\/local$/m);
  });

  test('no install script runs, and only the build sees development dependencies', () => {
    const installs = [...dockerfile.matchAll(/npm (?:ci|install|i)\b.*/g)].map(([line]) => line);
    expect(installs).toHaveLength(3);
    for (const line of installs) expect(line).toMatch(/^npm ci .*--ignore-scripts/);
    for (const name of ['services-dependencies', 'demo-dependencies'])
      expect(stage(name)).toMatch(/npm ci --omit=dev --ignore-scripts/);
  });

  test('base images are named by tag', () => {
    const named = [...dockerfile.matchAll(/^ARG NODE_IMAGE=(.*)$/gm)].map(([, image]) => image);
    expect(named).toEqual(['node:24-bookworm-slim']);
    for (const one of stages) expect(one).toMatch(/^FROM (\$\{NODE_IMAGE\}|base) AS /);
  });

  test('every service of the house is in it', () => {
    for (const name of readdirSync(join(root, 'services')))
      expect(stage('services-dependencies')).toContain(`-w services/${name}`);
  });
});

describe('docker-compose.yml', () => {
  test('has every service of the house', () => {
    expect(readdirSync(join(root, 'services')).sort()).toEqual([...serviceNames].sort());
    for (const name of serviceNames)
      expect(compose.services[name]).toMatchObject({ command: [`services/${name}/dist/main.js`] });
  });

  test('starts what there is', () => {
    const scripts = ours.map(([, { entrypoint, command = [] }]) => entrypoint?.[1] ?? command[0] ?? '');
    expect(scripts).toHaveLength(11);
    for (const script of scripts)
      expect([
        script,
        existsSync(join(root, script.replace('/dist/', '/src/').replace(/\.js$/, '.ts'))),
      ]).toEqual([script, true]);
  });

  test.each(ours)('%s: read-only, no capability, no new privileges', (_, one) => {
    expect(one).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect([one.user, one.privileged]).toEqual([undefined, undefined]);
  });

  test.each(services)('%s: a tagged image, ports on this machine alone', (_, { image, ports = [] }) => {
    expect(image).toMatch(/^[a-z0-9./-]+:(?!latest$)[\w.-]+$/);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test.each(services)('%s: no secret stands in the file', (_, { environment = {} }) => {
    for (const [name, value] of Object.entries(environment)) {
      if (/PASSWORD|SECRET|TOKEN|KEY|DATABASE_URL/.test(name))
        expect(String(value)).toMatch(/^\/run\/keelson\//);
      expect(String(value)).not.toMatch(/:\/\/[^/]*@/);
    }
  });

  test('the database owner is known to those alone who need him, the router knows no secret', () => {
    const who = (place: string): string[] =>
      services.filter(([, one]) => places(one).includes(place)).map(([name]) => name);
    expect(who('/run/keelson/owner')).toEqual(['secrets', 'ledger', 'table']);
    expect(who('/run/keelson/postgres')).toEqual(['postgres', 'secrets']);
    expect(who('/run/keelson/secrets')).not.toContain('router');
  });

  test.each(serviceNames)('%s keeps its state in a volume of its own', name => {
    expect(service(name).volumes).toContain(`${name}-state:/var/lib/keelson/state`);
  });
});

test('the endpoints file speaks of the services that the compose file has', () => {
  const endpoints = JSON.parse(text('infra/docker/endpoints.json')) as Endpoints;
  const urls = [
    endpoints.registry.url,
    endpoints.ingestor.url,
    endpoints.odoo.url,
    endpoints.desk.url,
    endpoints.stripe.url,
    ...Object.values(endpoints.admin),
  ];
  for (const url of urls) expect(Object.keys(compose.services)).toContain(new URL(url).hostname);
  expect(Object.keys(endpoints.admin)).toEqual([...serviceNames]);
});
