/** The custom user fields this desk declares. Any other is refused. */
export type UserFieldType = 'text' | 'date' | 'checkbox';

export const userFields = {
  keelson_plan: ['text', 'Plan'],
  keelson_status: ['text', 'Contract status'],
  keelson_renews_on: ['date', 'Renews on'],
  keelson_cancels_on: ['date', 'Cancels on'],
  keelson_mrr_band: ['text', 'Monthly revenue band'],
  keelson_past_due: ['checkbox', 'Past due'],
  keelson_past_due_band: ['text', 'Days past due'],
  keelson_tier: ['text', 'Tier'],
  keelson_sla: ['text', 'Service level'],
  keelson_dispute_open: ['checkbox', 'Dispute open'],
  keelson_country: ['text', 'Country'],
  keelson_language: ['text', 'Language'],
  keelson_contracts: ['text', 'Contracts'],
  keelson_version: ['text', 'Version'],
} as const satisfies Record<string, readonly [UserFieldType, string]>;

export type FieldValue = string | boolean | null;
export type Checked = { values: Record<string, FieldValue> } | { problem: string };

const isDay = (text: string): boolean => {
  const time = Date.parse(`${text}T00:00:00Z`);
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
  );
};

/** Checks the user fields of a request and brings them to the form they are answered in: a day as its midnight. */
export function checkFields(given: unknown): Checked {
  if (given === undefined || given === null) return { values: {} };
  if (typeof given !== 'object' || Array.isArray(given)) return { problem: 'user_fields: must be an object' };
  const values: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(given as Record<string, unknown>)) {
    if (!Object.hasOwn(userFields, name)) return { problem: `user_fields: ${name} is not a field of users` };
    const checked = fieldValue(userFields[name as keyof typeof userFields][0], value);
    if (checked === undefined) return { problem: `user_fields: ${name} is not valid` };
    values[name] = checked;
  }
  return { values };
}

function fieldValue(type: UserFieldType, value: unknown): FieldValue | undefined {
  if (type === 'checkbox') {
    if (value === null) return false;
    return typeof value === 'boolean' ? value : undefined;
  }
  if (value === null || value === '') return null;
  if (type === 'date') {
    const day = typeof value === 'string' ? value.slice(0, 10) : '';
    return isDay(day) ? `${day}T00:00:00+00:00` : undefined;
  }
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** A user without anything set. */
export const emptyFields = (): Record<string, FieldValue> =>
  Object.fromEntries(
    Object.entries(userFields).map(([name, [type]]) => [name, type === 'checkbox' ? false : null]),
  );
