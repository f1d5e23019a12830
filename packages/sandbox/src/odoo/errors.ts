/** An error as Odoo answers it: a Python exception's name, its message, and the HTTP status JSON-2 gives it. */
export class OdooError extends Error {
  readonly status: number;
  readonly pythonName: string;
  readonly httpError: boolean;
  /** What `load` shows instead of the message. */
  loadMessage: string | undefined;

  constructor(status: number, pythonName: string, message: string) {
    super(message);
    this.name = 'OdooError';
    this.status = status;
    this.pythonName = pythonName;
    this.httpError = pythonName.startsWith('werkzeug.');
  }
}

export const userError = (message: string) => new OdooError(422, 'odoo.exceptions.UserError', message);
export const validationError = (message: string) =>
  new OdooError(422, 'odoo.exceptions.ValidationError', message);
export const accessError = (message: string) => new OdooError(403, 'odoo.exceptions.AccessError', message);
export const valueError = (message: string) => new OdooError(500, 'builtins.ValueError', message);
export const typeError = (message: string) => new OdooError(500, 'builtins.TypeError', message);
export const attributeError = (message: string) => new OdooError(500, 'builtins.AttributeError', message);
export const unauthorized = (message: string) =>
  new OdooError(401, 'werkzeug.exceptions.Unauthorized', message);
export const badRequest = (message: string) => new OdooError(400, 'werkzeug.exceptions.BadRequest', message);
export const notFound = (message: string) => new OdooError(404, 'werkzeug.exceptions.NotFound', message);
export const unprocessable = (message: string) =>
  new OdooError(422, 'werkzeug.exceptions.UnprocessableEntity', message);

export const conflictText = 'could not serialize access due to concurrent update\n';
export const conflict = () => new OdooError(500, 'psycopg2.errors.SerializationFailure', conflictText);

export const missing = (model: string, id: number, uid: number) =>
  new OdooError(
    404,
    'odoo.exceptions.MissingError',
    `Record does not exist or has been deleted.\n(Record: ${model}(${String(id)},), User: ${String(uid)})`,
  );

/** The body JSON-2 answers an error with. */
export function errorBody(error: OdooError) {
  return {
    name: error.pythonName,
    message: error.message,
    arguments: error.httpError ? [error.message, error.status] : [error.message],
    context: {},
    debug: `Traceback (most recent call last):\n  File "odoo/http.py", in _serve_db\n${error.pythonName}: ${error.message}\n`,
  };
}
