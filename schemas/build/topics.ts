import { readFileSync } from 'node:fs';
import { parseTopicsFile } from '../../packages/contracts/src/policy/topics-file.ts';

/** A topic of topics.yaml as the contract sees it; a name with `<…>` stands for one topic per source or target. */
export interface TopicDeclaration {
  readonly name: string;
  readonly records: readonly string[];
  readonly personalData: boolean;
  readonly readBy: readonly string[];
  readonly doc: string;
}

export function loadTopics(path: string): TopicDeclaration[] {
  const file = parseTopicsFile(readFileSync(path, 'utf8'));
  if (!file.ok)
    throw new Error(file.faults.map(({ line, message }) => `${path}:${line}: ${message}`).join('\n'));
  return Object.entries(file.value.topics).map(([name, topic]) => ({
    name,
    records: topic.records,
    personalData: topic.personal_data,
    readBy: topic.read_by,
    doc: topic.doc,
  }));
}
