import { expect, it } from '@jest/globals';
import { isCoordinatorAway } from './errors.ts';

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
