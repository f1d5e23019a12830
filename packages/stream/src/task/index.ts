export type {
  RoomStatus,
  RunningTasks,
  TaskOptions,
  TaskPhase,
  TaskStatus,
  UnsafeSwitches,
} from './options.ts';
export { runTasks } from './run-tasks.ts';
export { checkTopics } from './start-checks.ts';
