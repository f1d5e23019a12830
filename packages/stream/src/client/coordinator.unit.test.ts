import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { internals } from './kafkajs.ts';

let nowMs = 0;
beforeEach(() => {
  nowMs = 1_000_000;
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** As much of a cluster as the question needs; `ask` answers it. */
function createCluster(ask: () => Promise<object>) {
  let asked = 0;
  const cluster = {
    brokerPool: {
      withBroker: async () => {
        asked++;
        return ask();
      },
    },
  };
  const find = (groupId: string, coordinatorType = 1): Promise<object> =>
    internals.Cluster.prototype.findGroupCoordinatorMetadata.call(cluster, { groupId, coordinatorType });
  return { find, asked: () => asked };
}

test('a coordinator is asked for once a second, each group and each kind by itself', async () => {
  const { find, asked } = createCluster(async () => ({ coordinator: { nodeId: 1 } }));
  await Promise.all([find('a'), find('a')]);
  expect(await find('a')).toEqual({ coordinator: { nodeId: 1 } });
  expect(asked()).toBe(1);
  await find('b');
  await find('a', 0);
  expect(asked()).toBe(3);
  nowMs += 999;
  await find('a');
  expect(asked()).toBe(3);
  nowMs += 1;
  await find('a');
  expect(asked()).toBe(4);
});

test('another cluster asks for itself, and a failure is not remembered', async () => {
  const failing = createCluster(() => Promise.reject(new Error('away')));
  await expect(failing.find('a')).rejects.toThrow('away');
  await expect(failing.find('a')).rejects.toThrow('away');
  expect(failing.asked()).toBe(2);
  const other = createCluster(async () => ({}));
  await other.find('a');
  expect(other.asked()).toBe(1);
});
