import { expect, it } from '@jest/globals';
import { newClusterId } from './cluster-id.ts';

it('makes another id where one would begin with a dash', () => {
  const drawn = [Buffer.alloc(16, 0xfb), Buffer.alloc(16, 0xf8), Buffer.alloc(16, 0x01)];
  expect(drawn[0]?.toString('base64url')).toMatch(/^-/);
  expect(newClusterId(() => drawn.shift() ?? Buffer.alloc(16))).toBe('AQEBAQEBAQEBAQEBAQEBAQ');
});
