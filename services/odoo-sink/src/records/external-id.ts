/** The name under which Odoo itself keeps a record unique: `<module>.<kind>_<uuid>`. */
export const externalIdOf = (module: string, kind: 'customer' | 'invoice', id: string): string =>
  `${module}.${kind}_${id.replaceAll('-', '_')}`;
