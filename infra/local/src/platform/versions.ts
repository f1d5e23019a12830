/** What the platform consists of, when it has to bring it up itself. */
export const KAFKA_VERSION = '4.3.1';
export const KAFKA_IMAGE = `apache/kafka:${KAFKA_VERSION}`;
export const REGISTRY_VERSION = '2.6.13.Final';
export const REGISTRY_IMAGE = `apicurio/apicurio-registry-mem:${REGISTRY_VERSION}`;
export const POSTGRES_IMAGE = 'postgres:17';
