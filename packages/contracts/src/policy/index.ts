export { describeFault, parsePolicyFile } from './parse.ts';
export type { PolicyFault } from './parse.ts';
export { parsePolicy } from './policy.ts';
export type { Policy, PolicyName, PolicyParts, PolicyTexts, SoundPolicy } from './policy.ts';
export type * from './shapes.ts';
export { expandTopics, generationsOf, parseTopicsFile, parseTopology } from './topics-file.ts';
export type { TopicOverrides, TopicSpecification, TopicsFile, Topology } from './topics-file.ts';
