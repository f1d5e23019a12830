import { randomBytes } from 'node:crypto';

/**
 * A new id for a Kafka cluster: 16 random bytes in base64url, as Kafka's own Uuid writes them. Never with a
 * leading dash, which `kafka-storage format` takes for an option.
 */
export function newClusterId(random: (size: number) => Buffer = randomBytes): string {
  for (;;) {
    const id = random(16).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}
