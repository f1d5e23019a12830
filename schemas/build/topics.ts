import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A topic of topics.yaml; a name with `<…>` stands for one topic per source or target. */
export interface TopicDeclaration {
  readonly name: string;
  readonly key: string;
  readonly records: readonly string[];
  readonly personalData: boolean;
  readonly writtenBy: readonly string[];
  readonly readBy: readonly string[];
  readonly doc: string;
}

interface TopicYaml {
  key: string;
  records: string[];
  personal_data?: boolean;
  written_by: string[];
  read_by: string[];
  doc: string;
}

export function loadTopics(path: string): TopicDeclaration[] {
  const { topics } = parse(readFileSync(path, 'utf8')) as { topics: Record<string, TopicYaml> };
  return Object.entries(topics).map(([name, topic]) => ({
    name,
    key: topic.key,
    records: topic.records,
    personalData: topic.personal_data === true,
    writtenBy: topic.written_by,
    readBy: topic.read_by,
    doc: topic.doc,
  }));
}
