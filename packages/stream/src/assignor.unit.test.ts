import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assignPartitions, assignorName, createAssignor, type Member } from './assignor.ts';
import { kafkajs } from './client/index.ts';

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;

const member = (id: string, owned: number[] = [], topics = ['a', 'b']): Member => ({ id, owned, topics });

const groups = fc
  .uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 })
  .chain(ids =>
    fc.tuple(...ids.map(id => fc.array(fc.integer({ min: -2, max: 20 })).map(owned => member(id, owned)))),
  );
const partitionCounts = fc.integer({ min: 1, max: 16 });

describe('assignPartitions', () => {
  test('gives every partition to one member, evenly', () => {
    fc.assert(
      fc.property(groups, partitionCounts, (members, count) => {
        const assigned = [...assignPartitions(members, count).values()];
        expect(assigned.flat().sort((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, index) => index),
        );
        const sizes = assigned.map(each => each.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('does not depend on the order of the members', () => {
    fc.assert(
      fc.property(groups, partitionCounts, (members, count) => {
        expect(assignPartitions(members.toReversed(), count)).toEqual(assignPartitions(members, count));
      }),
    );
  });

  test('moves nothing when asked again', () => {
    fc.assert(
      fc.property(groups, partitionCounts, (members, count) => {
        const first = assignPartitions(members, count);
        const again = members.map(each => ({ ...each, owned: first.get(each.id) ?? [] }));
        expect(assignPartitions(again, count)).toEqual(first);
      }),
    );
  });

  test('a member that joins or leaves moves no more than it must', () => {
    fc.assert(
      fc.property(groups, partitionCounts, (members, count) => {
        const before = assignPartitions(members, count);
        const settled = members.map(each => ({ ...each, owned: before.get(each.id) ?? [] }));
        const after = assignPartitions([...settled, member('\u{10ffff} new')], count);
        const moved = settled.flatMap(({ id, owned }) =>
          owned.filter(each => !after.get(id)?.includes(each)),
        );
        expect(moved).toHaveLength(after.get('\u{10ffff} new')?.length ?? 0);
      }),
    );
  });
});

describe('the assigner', () => {
  const cluster = (counts: Record<string, number>) => ({
    findTopicPartitionMetadata: (topic: string) =>
      Array.from({ length: counts[topic] ?? 0 }, (_, partitionId) => ({ partitionId })),
  });
  const assigner = (counts: Record<string, number>) =>
    createAssignor({ owned: () => [2] })({ cluster: cluster(counts) } as unknown as Parameters<
      ReturnType<typeof createAssignor>
    >[0]);
  const joined = (id: string, topics: string[], owned: unknown = []) => ({
    memberId: id,
    memberMetadata: MemberMetadata.encode({
      version: 1,
      topics,
      userData: Buffer.from(JSON.stringify(owned)),
    }),
  });

  test('sends along what it owns', () => {
    const { name, metadata } = assigner({}).protocol({ topics: ['a'] });
    expect(name).toBe(assignorName);
    expect(MemberMetadata.decode(metadata)?.userData.toString()).toBe('[2]');
  });

  test('gives partition p of all topics to one member, and a topic only to those who subscribe to it', async () => {
    const members = [joined('m1', ['a', 'b'], [1]), joined('m2', ['a'], 'nonsense')];
    const assigned = await assigner({ a: 3, b: 3 }).assign({ members, topics: ['a', 'b'] });
    const decoded = assigned.map(
      ({ memberAssignment }) => MemberAssignment.decode(memberAssignment)?.assignment,
    );
    expect(decoded).toEqual([{ a: [1, 2], b: [1, 2] }, { a: [0] }]);
  });

  test('refuses topics with unequal partition counts', async () => {
    await expect(
      assigner({ a: 3, b: 4 }).assign({ members: [joined('m', ['a', 'b'])], topics: ['a', 'b'] }),
    ).rejects.toThrow('inputs must have equal partition counts: a 3, b 4');
  });
});
