import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  codeOf,
  conflict,
  dispositionOf,
  invalidEvent,
  isIoError,
  misconfigured,
  unavailable,
  unknownOutcome,
} from './errors.ts';

describe('dispositionOf', () => {
  test.each([
    [invalidEvent('bad', 'x'), 'reject'],
    [conflict('two', 'x'), 'park'],
    [unavailable('down', 'x'), 'back_off'],
    [unknownOutcome('sent', 'x'), 'look_up'],
    [misconfigured('key', 'x'), 'pause'],
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'back_off'],
    [new Error('x', { cause: Object.assign(new Error('y'), { code: 'ETIMEDOUT' }) }), 'back_off'],
    [new TypeError('x'), 'park'],
  ])('%s → %s', (error, disposition) => expect(dispositionOf(error)).toBe(disposition));

  test('is total: anything thrown has a disposition and a code', () => {
    fc.assert(
      fc.property(fc.anything(), thrown => {
        expect(['park', 'back_off']).toContain(dispositionOf(thrown));
        expect(codeOf(thrown)).not.toBe('');
      }),
    );
  });

  test('a cause that is its own cause ends', () => {
    const error = new Error('x');
    error.cause = error;
    expect(isIoError(error)).toBe(false);
  });
});
