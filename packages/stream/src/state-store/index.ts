export { maxCheckpointAgeMs, staleness, type Circumstances } from './checkpoint.ts';
export { openLocalStore, type Checkpoint, type LocalStore, type LocalTable } from './local-store.ts';
export { createStateStore, type Change, type OverlaidStore } from './state-store.ts';
