-- The ledger: entries and their lines. Both are append-only, and an entry is complete within the statement that makes
-- it: what is unbalanced, one-sided, zero or added later is refused here, whatever the service's code believes.
-- Balance is checked by statement-level triggers with transition tables: constraint triggers would fire row by row.

create schema ledger;

create table ledger.entry (
  -- Derived from legal entity, fact, rule and revision; never from the rule's version.
  entry_id        uuid primary key,
  -- The order in which the database saw them; gaps mean nothing.
  entry_no        bigint generated always as identity unique,
  legal_entity    text not null check (legal_entity <> ''),
  fact_id         uuid not null,
  rule            text not null check (rule <> ''),
  -- Above 0: posted anew after the revision before it was reversed.
  revision        smallint not null default 0 check (revision >= 0),
  rule_version    smallint not null check (rule_version > 0),
  -- Which branch of the rule, where it has several and the choice is worth an auditor's question.
  variant         text,
  chart_version   integer not null check (chart_version > 0),
  reverses        uuid unique check (reverses <> entry_id),
  event_id        uuid not null,
  event_type      text not null,
  customer_id     uuid not null,
  contract_id     uuid,
  -- What the fact is about, and the invoice it concerns.
  document_id     uuid not null,
  invoice_id      uuid,
  -- When it happened by the fact, and the date on which the books have it: they differ when its period was locked.
  fact_date       date not null,
  effective_date  date not null,
  period          text not null check (period ~ '^\d{4}-\d\d$'),
  occurred_at     timestamptz not null,
  posted_at       timestamptz not null default now(),
  -- The ingress record that caused it, topic/partition/offset.
  source          text not null,
  position        text not null,
  livemode        boolean not null,
  -- SHA-256 of what the fact says: the same fact with other content is a conflict.
  content_hash    bytea not null check (length(content_hash) = 32),
  line_count      smallint not null check (line_count >= 2),
  unique (fact_id, legal_entity, rule, revision)
);

create index entry_document on ledger.entry (document_id);

-- No foreign key to entry: the trigger below demands the entry, and nothing is ever deleted.
create table ledger.line (
  entry_id                  uuid not null,
  line_no                   smallint not null check (line_no > 0),
  account                   text not null check (account ~ '^\d{4,6}$'),
  -- The part that the account plays in the posting rules.
  role                      text not null check (role <> ''),
  -- Debit above zero, credit below, in minor units.
  amount_minor              bigint not null check (amount_minor <> 0),
  currency                  text not null check (currency ~ '^[A-Z]{3}$'),
  exponent                  smallint not null check (exponent between 0 and 4),
  -- Both null: not converted.
  functional_amount_minor   bigint,
  functional_currency       text check (functional_currency ~ '^[A-Z]{3}$'),
  jurisdiction              text,
  -- Percent as a decimal.
  tax_rate                  text,
  tax_base_minor            bigint,
  tax_reason                text,
  product_ref               text,
  price_ref                 text,
  -- The document's line that it comes from (of a credit note: the invoice's line it credits), and its service's time.
  document_line_id          text,
  service_start             timestamptz,
  service_end               timestamptz,
  primary key (entry_id, line_no),
  check ((functional_amount_minor is null) = (functional_currency is null))
);

-- All lines of an entry come in one statement: they balance per currency, are as many as the entry says, and bear the
-- numbers 1 to that. With the primary key this leaves no number for a later line.
create function ledger.check_lines() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
  -- Planned once a session, perhaps over an empty ledger: never let that plan scan a full one.
  set enable_seqscan = off
as $$
declare
  wrong uuid;
begin
  select l.entry_id into wrong
    from (select entry_id, count(*) as lines, max(line_no) as last from new_lines group by entry_id) l
    left join ledger.entry e on e.entry_id = l.entry_id
    where e.entry_id is null or e.line_count <> l.lines or e.line_count <> l.last
    limit 1;
  if found then
    raise exception 'entry % is not complete within its statement', wrong
      using errcode = 'check_violation', constraint = 'entry_complete';
  end if;
  select entry_id into wrong
    from new_lines
    group by entry_id, currency
    having sum(amount_minor) <> 0 or min(exponent) <> max(exponent)
    limit 1;
  if found then
    raise exception 'entry % does not balance per currency', wrong
      using errcode = 'check_violation', constraint = 'entry_balanced';
  end if;
  return null;
end
$$;

-- An entry has its lines at once; a reversal mirrors one entry that is none itself; a later revision follows a reversal.
create function ledger.check_entries() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
  set enable_seqscan = off
as $$
declare
  wrong uuid;
begin
  select e.entry_id into wrong
    from new_entries e
    where not exists (select from ledger.line l where l.entry_id = e.entry_id and l.line_no = 1)
    limit 1;
  if found then
    raise exception 'entry % has no lines', wrong
      using errcode = 'check_violation', constraint = 'entry_complete';
  end if;

  select e.entry_id into wrong
    from new_entries e
    where e.reverses is not null
      and not exists (
        select from ledger.entry o
        where o.entry_id = e.reverses
          and o.reverses is null
          and o.legal_entity = e.legal_entity
          and o.line_count = e.line_count
          and not exists (
            select from ledger.line a
            left join ledger.line b
              on b.entry_id = e.entry_id and b.line_no = a.line_no
              and b.account = a.account and b.amount_minor = -a.amount_minor
              and b.currency = a.currency and b.exponent = a.exponent
              and b.jurisdiction is not distinct from a.jurisdiction
              and b.tax_rate is not distinct from a.tax_rate
              and b.product_ref is not distinct from a.product_ref
            where a.entry_id = o.entry_id and b.entry_id is null
          )
      )
    limit 1;
  if found then
    raise exception 'entry % is not the mirror of the entry it reverses', wrong
      using errcode = 'check_violation', constraint = 'reversal_mirrors';
  end if;

  select e.entry_id into wrong
    from new_entries e
    where e.revision > 0
      and not exists (
        select from ledger.entry p
        join ledger.entry r on r.reverses = p.entry_id
        where p.fact_id = e.fact_id and p.legal_entity = e.legal_entity and p.rule = e.rule
          and p.revision = e.revision - 1
      )
    limit 1;
  if found then
    raise exception 'entry % follows an entry that is not reversed', wrong
      using errcode = 'check_violation', constraint = 'one_unreversed_entry';
  end if;
  return null;
end
$$;

-- A slip of the owner's is refused too; the owner would have to drop this first.
create function ledger.refuse_change() returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception '% of %.% is refused: the ledger is append-only', tg_op, tg_table_schema, tg_table_name
    using errcode = 'insufficient_privilege';
end
$$;

create trigger lines_complete after insert on ledger.line
  referencing new table as new_lines for each statement execute function ledger.check_lines();
create trigger entries_complete after insert on ledger.entry
  referencing new table as new_entries for each statement execute function ledger.check_entries();
create trigger line_append_only before update or delete or truncate on ledger.line
  for each statement execute function ledger.refuse_change();
create trigger entry_append_only before update or delete or truncate on ledger.entry
  for each statement execute function ledger.refuse_change();

-- Always: also for a session that plays a replica.
alter table ledger.line enable always trigger lines_complete;
alter table ledger.line enable always trigger line_append_only;
alter table ledger.entry enable always trigger entries_complete;
alter table ledger.entry enable always trigger entry_append_only;

create view ledger.trial_balance as
  select e.legal_entity, l.account, l.currency, l.exponent,
         coalesce(sum(l.amount_minor) filter (where l.amount_minor > 0), 0) as debit_minor,
         coalesce(-sum(l.amount_minor) filter (where l.amount_minor < 0), 0) as credit_minor,
         sum(l.amount_minor) as balance_minor,
         count(*) as lines
  from ledger.line l
  join ledger.entry e using (entry_id)
  group by e.legal_entity, l.account, l.currency, l.exponent;

-- For people and tools: one row a line, with everything that leads back to its event.
create view ledger.journal as
  select e.entry_no, e.entry_id, e.legal_entity, e.period, e.effective_date, e.posted_at, e.rule, e.rule_version, e.variant,
         e.reverses, e.fact_id, e.event_id, e.event_type, e.customer_id, e.contract_id, e.document_id, e.invoice_id,
         e.source, e.position, l.line_no, l.account, l.role, l.amount_minor, l.currency, l.exponent,
         l.jurisdiction, l.tax_rate, l.tax_base_minor, l.tax_reason, l.product_ref, l.price_ref,
         l.document_line_id, l.service_start, l.service_end
  from ledger.entry e
  join ledger.line l using (entry_id);
