import { randomBytes } from 'node:crypto';

/** A name that no other test has, for a topic, a group or a transactional id: `<stem>.<random>`. */
export const uniqueName = (stem: string): string => `${stem}.${randomBytes(5).toString('hex')}`;

/** Names of topics that belong together: one random prefix a test, then the topics' own names. */
export function topicNames(): (name: string) => string {
  const prefix = `t${randomBytes(5).toString('hex')}`;
  return name => `${prefix}.${name}`;
}
