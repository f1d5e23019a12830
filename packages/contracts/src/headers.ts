/** Record headers. Public events carry all of them (CloudEvents binary mode); internal records the trace alone. */
export const headers = {
  traceparent: 'traceparent',
  ceId: 'ce_id',
  ceType: 'ce_type',
  ceSource: 'ce_source',
  ceTime: 'ce_time',
  ceSpecVersion: 'ce_specversion',
  position: 'keelson-position',
  replay: 'keelson-replay',
} as const;
