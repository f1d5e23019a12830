export { allSums, sumLines } from './conservation/commands.ts';
export { conservationTopics, readConservation } from './conservation/read.ts';
export { createTally } from './conservation/tally.ts';
export type { Sum, Sums, Tally } from './conservation/tally.ts';
export { table } from './output.ts';
