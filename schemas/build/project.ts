import type { AvroField, AvroRecord, AvroType, NamedType } from './load.ts';

/** Which fields a projection keeps, and the namespace its records get. */
export interface Projection {
  readonly namespace: string;
  readonly keeps: (field: AvroField) => boolean;
}

/** What subscribers may read for years: nothing personal. */
export const publicProjection: Projection = {
  namespace: 'keelson.public',
  keeps: field => field.pii === undefined,
};

/** What a support agent may see: only what says so. */
export const visibleProjection: Projection = {
  namespace: 'keelson.visible',
  keeps: field => field.support_visible === true,
};

/** Records that carry tags of their own; what they contain is projected with them. */
const projected = /^keelson\.(fact|state)\./;

/**
 * Adds the projection of `name` to `types` and returns its full name. A nested record of which no field is tagged is
 * shared with the whole one where nothing had to be dropped; enums are always shared.
 */
export function project(types: Map<string, NamedType>, name: string, projection: Projection): string {
  const whole = types.get(name);
  if (whole === undefined) throw new Error(`no record ${name}`);
  if (whole.type === 'enum' || !projected.test(name)) return name;
  const target = `${projection.namespace}.${name.slice(name.lastIndexOf('.') + 1)}`;
  if (types.has(target)) return target;
  const nested = projection === visibleProjection ? nestedVisible : projection;
  const kept = whole.fields.filter(projection.keeps);
  const record: AvroRecord = { type: 'record', name: target, fields: [] };
  if (whole.doc !== undefined) record.doc = whole.doc;
  types.set(target, record);
  record.fields = kept.map(field => ({
    ...withoutTags(field),
    type: projectType(types, field.type, nested),
  }));
  return target;
}

/** Inside a field that is tagged visible, everything but personal data is. */
const nestedVisible: Projection = { namespace: 'keelson.visible', keeps: field => field.pii === undefined };

function projectType(types: Map<string, NamedType>, type: AvroType, projection: Projection): AvroType {
  if (typeof type === 'string') return types.has(type) ? project(types, type, projection) : type;
  if (Array.isArray(type)) return type.map(branch => projectType(types, branch, projection));
  if (type.type === 'array' && 'items' in type)
    return { type: 'array', items: projectType(types, type.items, projection) };
  if (type.type === 'map' && 'values' in type)
    return { type: 'map', values: projectType(types, type.values, projection) };
  return type;
}

/** `support_visible` is a rule about the whole record; a visible field keeps its `pii` tag, since masking reads it. */
function withoutTags(field: AvroField): AvroField {
  const copy = { ...field };
  delete copy.support_visible;
  return copy;
}
