import { Wait } from 'testcontainers';
import { removeLeftovers, startContainer, stopOnce } from './container.ts';
import { layoutOf } from './layout.ts';
import { PlatformError, messageOf } from './platform-error.ts';
import { LOOPBACK, rememberedPort } from './ports.ts';
import { API, storage } from './registry.ts';
import type { Registry } from './registry.ts';
import { REGISTRY_IMAGE } from './versions.ts';

const DATA = '/var/lib/keelson-registry';

/** Apicurio's published image. */
export async function startRegistryInDocker(dataDirectory: string): Promise<Registry> {
  const { data, portFile } = layoutOf(dataDirectory, 'registry', 'docker');
  await removeLeftovers(data);
  const port = await rememberedPort(portFile);
  const container = await startContainer({
    image: REGISTRY_IMAGE,
    environment: { REGISTRY_DATASOURCE_URL: storage(DATA), QUARKUS_HTTP_PORT: '8080' },
    ports: [{ host: port, container: 8080 }],
    data: { host: data, container: DATA },
    wait: Wait.forHttp(`${API}/subjects`, 8080),
  }).catch((error: unknown) => {
    throw new PlatformError(`The container of ${REGISTRY_IMAGE} did not start: ${messageOf(error)}`, {
      cause: error,
    });
  });
  return {
    url: `http://${LOOPBACK}:${port}${API}`,
    source: 'docker',
    stop: stopOnce(container),
  };
}
