import { expect, test } from '@jest/globals';
import { errorOfAnswer } from './odoo-error.ts';

const json = (name: string, message: string): string =>
  JSON.stringify({ name, message, arguments: [message], context: {}, debug: 'Traceback: secrets' });

test.each([
  [401, json('werkzeug.exceptions.Unauthorized', 'Invalid apikey'), 'misconfigured', 'odoo_key_refused'],
  [403, json('odoo.exceptions.AccessError', 'You are not allowed'), 'misconfigured', 'odoo_rights_missing'],
  [404, '<title>404 Not Found</title>', 'misconfigured', 'odoo_database_unknown'],
  [404, json('odoo.exceptions.MissingError', 'Record does not exist'), 'rejected', 'odoo_record_missing'],
  [409, json('odoo.exceptions.LockError', 'locked'), 'unavailable', 'odoo_locked'],
  [422, json('odoo.exceptions.UserError', 'no line'), 'rejected', 'odoo_refused'],
  [422, json('odoo.exceptions.UserError', 'could not serialize access'), 'unavailable', 'odoo_serialization'],
  [400, json('werkzeug.exceptions.BadRequest', 'bad JSON'), 'rejected', 'odoo_refused'],
  [415, '<title>415</title>', 'rejected', 'odoo_refused'],
  [429, '<title>429</title>', 'unavailable', 'odoo_busy'],
  [503, '', 'unavailable', 'odoo_busy'],
  [500, json('builtins.ValueError', 'Invalid field'), 'rejected', 'odoo_server_error'],
  [500, json('psycopg2.OperationalError', 'server closed'), 'unavailable', 'odoo_database'],
  [500, json('psycopg2.errors.SerializationFailure', 'x'), 'unavailable', 'odoo_database'],
  [500, json('psycopg2.errors.InvalidDatetimeFormat', 'bad date'), 'rejected', 'odoo_server_error'],
  [500, 'null', 'rejected', 'odoo_server_error'],
])('%i %s is %s', (status, text, kind, code) => {
  const error = errorOfAnswer('res.partner/load', status, text, 2000);
  expect(error).toMatchObject({ kind, code });
  expect(error.message).not.toContain('Traceback');
  expect(error.retryAfterMs).toBe(kind === 'unavailable' ? 2000 : undefined);
});
