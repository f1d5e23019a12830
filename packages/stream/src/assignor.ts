import type { PartitionAssigner } from 'kafkajs';
import { misconfigured } from '@keelson/contracts';
import { kafkajs } from './client/index.ts';

const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol;

export const assignorName = 'keelson-copartition';

export interface Member {
  readonly id: string;
  readonly topics: readonly string[];
  /** What it owned before, in its own order of preference. */
  readonly owned: readonly number[];
}

/**
 * Partition numbers to members: each number to one member, counts that differ by one at most, and nobody loses a number
 * that they may keep. Pure, and the same for any order of `members`.
 */
export function assignPartitions(members: readonly Member[], partitionCount: number): Map<string, number[]> {
  const sorted = members.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const got = new Map<string, number[]>(sorted.map(({ id }) => [id, []]));
  const left = new Set(Array.from({ length: partitionCount }, (_, partition) => partition));
  const least = Math.floor(partitionCount / sorted.length);
  let extra = partitionCount % sorted.length;
  const claim = (member: Member, limit: number): void => {
    const mine = got.get(member.id) ?? [];
    for (const partition of member.owned)
      if (mine.length < limit && left.delete(partition)) mine.push(partition);
  };
  for (const member of sorted) claim(member, least);
  for (const member of sorted) {
    if (extra === 0) break;
    const before = got.get(member.id)?.length ?? 0;
    claim(member, least + 1);
    if ((got.get(member.id)?.length ?? 0) > Math.max(before, least)) extra--;
  }
  for (const partition of left) {
    const poorest = sorted.reduce((a, b) =>
      (got.get(b.id)?.length ?? 0) < (got.get(a.id)?.length ?? 0) ? b : a,
    );
    got.get(poorest.id)?.push(partition);
  }
  for (const partitions of got.values()) partitions.sort((a, b) => a - b);
  return got;
}

export interface AssignorOptions {
  /** What this member runs now; sent along so that the leader can leave it there. */
  readonly owned: () => readonly number[];
  /** Told each time this member asks to join. */
  readonly onJoin?: () => void;
}

/**
 * kafkajs' assigner: partition p of every topic to one member. A member gets a topic only when it subscribes to it (kafkajs
 * drops the rest without a word); members of one group that subscribe to different topics share the numbers all the same.
 */
export function createAssignor({ owned, onJoin }: AssignorOptions): PartitionAssigner {
  return ({ cluster }) => ({
    name: assignorName,
    version: 1,
    protocol({ topics }) {
      onJoin?.();
      const userData = Buffer.from(JSON.stringify(owned()));
      return { name: assignorName, metadata: MemberMetadata.encode({ version: 1, topics, userData }) };
    },
    async assign({ members, topics }) {
      const decoded = members.map(({ memberId, memberMetadata }) => decodeMember(memberId, memberMetadata));
      const assigned = assignPartitions(decoded, commonPartitionCount(cluster, topics));
      return decoded.map(({ id, topics: subscribed }) => ({
        memberId: id,
        memberAssignment: MemberAssignment.encode({
          version: 1,
          assignment: Object.fromEntries(subscribed.map(topic => [topic, assigned.get(id) ?? []])),
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
}

function decodeMember(id: string, metadata: Buffer): Member {
  const decoded = MemberMetadata.decode(metadata);
  if (decoded === null) return { id, topics: [], owned: [] };
  return { id, topics: decoded.topics, owned: parseOwned(decoded.userData) };
}

function parseOwned(userData: Buffer): number[] {
  try {
    const value: unknown = JSON.parse(userData.toString());
    return Array.isArray(value) ? value.filter((each): each is number => Number.isInteger(each)) : [];
  } catch {
    return [];
  }
}

interface Metadata {
  findTopicPartitionMetadata(topic: string): readonly unknown[];
}

function commonPartitionCount(cluster: Metadata, topics: readonly string[]): number {
  const counts = topics.map(topic => ({ topic, count: cluster.findTopicPartitionMetadata(topic).length }));
  const [first] = counts;
  if (first === undefined || counts.some(({ count }) => count !== first.count)) {
    const list = counts.map(({ topic, count }) => `${topic} ${count}`).join(', ');
    throw misconfigured('partition_counts_differ', `inputs must have equal partition counts: ${list}`);
  }
  return first.count;
}
