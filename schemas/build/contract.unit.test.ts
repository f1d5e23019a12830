import { describe, expect, test } from '@jest/globals';
import { schemas } from '@keelson/contracts';
import avsc from 'avsc';
import { resolverFault } from './compatibility.ts';
import type { AvroRecord, NamedType } from './load.ts';
import { personalDataFaults, taggedFields } from './personal-data.ts';
import type { TopicDeclaration } from './topics.ts';

const schemaOf = (name: keyof typeof schemas): NamedType => JSON.parse(schemas[name]) as NamedType;

describe('the emitted schemas', () => {
  test('are self-contained: each stands on its own', () => {
    for (const text of Object.values(schemas))
      expect(() => avsc.Type.forSchema(JSON.parse(text) as avsc.Schema)).not.toThrow();
  });

  test('finance gets nothing personal', () =>
    expect(taggedFields(schemaOf('keelson.work.FinanceWork'))).toEqual([]));

  test('support gets what is tagged visible, and of what is personal only name and e-mail', () => {
    const work = schemaOf('keelson.work.SupportWork');
    expect(taggedFields(work)).toEqual(['customer.legal_name', 'customer.emails']);
    expect(JSON.stringify(work)).not.toMatch(
      /keelson.Money|"mrr"|tax_ids|address|amount_minor|open_balance|unit_amount/,
    );
  });

  test('no public event carries a tagged field', () => {
    for (const [name, text] of Object.entries(schemas)) {
      if (/^keelson\.(customer|contract|billing|payment|catalog|support)\./.test(name)) {
        expect([name, taggedFields(JSON.parse(text) as NamedType)]).toEqual([name, []]);
      }
    }
  });
});

describe('the checks can fail', () => {
  const topic = (personalData: boolean): TopicDeclaration => ({
    name: 't',
    records: ['keelson.state.CustomerState'],
    personalData,
    readBy: [],
    doc: '',
  });
  const state = new Map([['keelson.state.CustomerState', schemaOf('keelson.state.CustomerState')]]);

  test('a personal field on a topic that keeps for long', () => {
    expect(personalDataFaults([topic(true)], state)).toEqual([]);
    expect(personalDataFaults([topic(false)], state)).toContainEqual(expect.stringContaining('legal_name'));
  });

  test('a field that became narrower, or has no default', () => {
    const released: AvroRecord = { type: 'record', name: 'keelson.X', fields: [{ name: 'a', type: 'long' }] };
    const narrower: AvroRecord = { ...released, fields: [{ name: 'a', type: 'int' }] };
    const more: AvroRecord = { ...released, fields: [...released.fields, { name: 'b', type: 'string' }] };
    expect(resolverFault(released, released)).toBeNull();
    expect(resolverFault(narrower, released)).not.toBeNull();
    expect(resolverFault(more, released)).not.toBeNull();
  });
});
