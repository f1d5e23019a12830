import { z } from 'zod';

const name = z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower case letters, digits and hyphens');
const seconds = z.number().positive();

/** Requests a second and at once; both are promises to the other side. */
const rate = z.strictObject({
  requests_per_second: z.number().positive(),
  concurrency: z.number().int().positive().default(1),
});

const targetBase = {
  environment: z.enum(['test', 'live']),
  rate: rate.default({ requests_per_second: 50, concurrency: 1 }),
  /** Work of these event types only; used to switch a target on step by step. */
  mode: z.enum(['live', 'shadow', 'off']).default('live'),
};

const odooTarget = z.strictObject({
  kind: z.literal('odoo'),
  ...targetBase,
  url: z.url(),
  database: z.string().min(1),
  /** First the key in use, then the next one. */
  api_key_files: z.array(z.string().min(1)).min(1).max(2),
  /** Code of the sale journal that invoices go to; may be left out where there is only one. */
  journal: z.string().min(1).optional(),
  /** Which Odoo tax stands for a tax line of an invoice; the first that fits. */
  taxes: z
    .array(z.strictObject({ rate: z.string(), inclusive: z.boolean().default(false), odoo_tax: z.string() }))
    .default([]),
  /** Minor units a tax line may differ from Odoo's own arithmetic before the document is parked. */
  tax_tolerance_minor: z.number().int().nonnegative().default(1),
  external_id_module: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/)
    .default('keelson'),
});

const financeTarget = z.strictObject({
  kind: z.literal('finance'),
  ...targetBase,
  database_url_file: z.string().min(1),
});

const supportTarget = z.strictObject({
  kind: z.literal('support'),
  ...targetBase,
  desk: z.enum(['zendesk']),
  url: z.url(),
  api_token_file: z.string().min(1),
});

export const targetsShape = z.strictObject({
  targets: z.record(name, z.discriminatedUnion('kind', [odooTarget, financeTarget, supportTarget])),
});

const sourceBase = {
  account: z.string().min(1),
  /** One secret a line, newest first. */
  secrets_file: z.string().min(1),
  rate: z
    .strictObject({ requests_per_second: z.number().positive(), burst: z.number().int().positive() })
    .default({
      requests_per_second: 20_000,
      burst: 20_000,
    }),
};

const signedSource = {
  ...sourceBase,
  /** How far a sender's clock may be from ours, either way. */
  tolerance_seconds: seconds.default(300),
};

export const sourcesShape = z.strictObject({
  sources: z.record(
    name,
    z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('stripe'),
        ...signedSource,
        /** `mint`: this source is the customers' system of record, an unknown customer becomes known by its alias alone. */
        unknown_customer: z.enum(['mint', 'wait']).default('mint'),
        api: z.strictObject({
          url: z.url(),
          key_file: z.string().min(1),
          rate: rate.default({ requests_per_second: 25, concurrency: 4 }),
        }),
        /** What waits longer for its customer is fetched by id. */
        fetch_waiting_after_seconds: seconds.default(60),
        /** Waiting longer than this becomes an exception. */
        waiting_limit_days: z.number().positive().max(25).default(25),
      }),
      z.strictObject({
        kind: z.literal('standard-webhooks'),
        ...signedSource,
        unknown_customer: z.enum(['mint', 'wait']).default('wait'),
        waiting_limit_days: z.number().positive().max(25).default(25),
      }),
      z.strictObject({
        kind: z.literal('api'),
        ...sourceBase,
        unknown_customer: z.enum(['mint', 'wait']).default('wait'),
        waiting_limit_days: z.number().positive().max(25).default(25),
      }),
    ]),
  ),
});

export const entitiesShape = z.strictObject({
  entities: z.record(
    name,
    z.strictObject({
      functional_currency: z.string().regex(/^[A-Z]{3}$/),
      time_zone: z.string().refine(isTimeZone, 'not a time zone of the IANA database'),
      fiscal_year_start: z
        .string()
        .regex(/^\d\d-\d\d$/)
        .default('01-01'),
      /** Source accounts whose documents this entity issues. */
      accounts: z.array(z.strictObject({ source: name, account: z.string().min(1) })).min(1),
      /** Where a fact goes whose period is locked. */
      late: z.enum(['next_open_day', 'park']).default('next_open_day'),
    }),
  ),
});

const route = z.union([
  z.strictObject({ class: name, rule: z.string().min(1), house: z.boolean().default(true) }),
  z.strictObject({ filter: z.string().min(1) }),
]);

export const routesShape = z.strictObject({ routes: z.record(z.string(), z.record(name, route)) });

const retry = z.strictObject({
  attempts: z.number().int().positive().default(5),
  initial_ms: z.number().positive().default(200),
  max_ms: z.number().positive().default(30_000),
});

export const flowsShape = z.strictObject({
  classes: z.record(
    name,
    z.discriminatedUnion('speed', [
      z.strictObject({
        speed: z.enum(['urgent', 'bulk']),
        objective: z.strictObject({ percent: z.number().positive().max(100), within_seconds: seconds }),
        retry: retry.default({ attempts: 5, initial_ms: 200, max_ms: 30_000 }),
      }),
      z.strictObject({
        speed: z.literal('scheduled'),
        /** Held until this time of day. */
        daily_at: z.string().regex(/^\d\d:\d\d$/),
        time_zone: z.string().refine(isTimeZone, 'not a time zone of the IANA database'),
        retry: retry.default({ attempts: 5, initial_ms: 200, max_ms: 30_000 }),
      }),
    ]),
  ),
});

export const accountsShape = z.strictObject({
  version: z.number().int().positive(),
  accounts: z.record(
    z.string().regex(/^\d{4,6}$/),
    z.strictObject({
      name: z.string().min(1),
      kind: z.enum(['asset', 'liability', 'income', 'expense', 'equity']),
    }),
  ),
  /** Which account plays which part in the posting rules. */
  roles: z.record(z.string(), z.string()),
});

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}

export type Targets = z.infer<typeof targetsShape>['targets'];
export type Target = Targets[string];
export type OdooTarget = z.infer<typeof odooTarget>;
export type FinanceTarget = z.infer<typeof financeTarget>;
export type SupportTarget = z.infer<typeof supportTarget>;
export type Sources = z.infer<typeof sourcesShape>['sources'];
export type Source = Sources[string];
export type Entities = z.infer<typeof entitiesShape>['entities'];
export type Routes = z.infer<typeof routesShape>['routes'];
export type Route = z.infer<typeof route>;
export type Flows = z.infer<typeof flowsShape>['classes'];
export type Flow = Flows[string];
export type Accounts = z.infer<typeof accountsShape>;
