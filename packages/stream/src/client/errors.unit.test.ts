import { expect, it } from '@jest/globals';
import { isCoordinatorAway, kafkaProblemOf } from './errors.ts';

it('knows a coordinator that has moved or is loading from other refusals, wherever in the chain it stands', () => {
  const refusal = (type: string): Error => Object.assign(new Error('refused'), { type });
  for (const type of [
    'NOT_COORDINATOR_FOR_GROUP',
    'GROUP_COORDINATOR_NOT_AVAILABLE',
    'GROUP_LOAD_IN_PROGRESS',
  ])
    expect(isCoordinatorAway(new Error('outer', { cause: refusal(type) }))).toBe(true);
  expect(isCoordinatorAway(refusal('GROUP_AUTHORIZATION_FAILED'))).toBe(false);
  expect(isCoordinatorAway(new Error('NOT_COORDINATOR'))).toBe(false);
});

it('tells a refusal that passes by itself from one that stays', () => {
  const refusal = (type: string, retriable: boolean): Error =>
    Object.assign(new Error('refused'), { name: 'KafkaJSProtocolError', type, retriable });
  expect(kafkaProblemOf(refusal('LEADER_NOT_AVAILABLE', true))).toBe('away');
  expect(kafkaProblemOf(refusal('TOPIC_AUTHORIZATION_FAILED', false))).toBe('refused');
  expect(kafkaProblemOf(new Error('something else'))).toBeUndefined();
});
