import { misconfigured } from '@keelson/contracts';
import type { PortContext } from '@keelson/sink';
import { contextFields } from '../context.ts';
import type { DeskUser } from '../context.ts';
import type { Desk, FoundUser, UpsertResult } from '../desk.ts';
import type { DeskHttp } from './http.ts';

interface ZendeskUser {
  readonly id: number;
  readonly external_id: string | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly user_fields: Readonly<Record<string, string | boolean | null>>;
}

interface Job {
  readonly id: string;
  readonly status: 'queued' | 'working' | 'completed' | 'failed' | 'killed';
  readonly message: string | null;
  readonly results: readonly JobResult[] | null;
}

interface JobResult {
  readonly id?: number;
  readonly status?: string;
  readonly error?: string;
  readonly details?: string;
}

export interface ZendeskOptions {
  readonly http: DeskHttp;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** How long a job is asked after before its outcome is looked up instead. */
  readonly jobPatienceMs?: number;
}

const mostUsers = 100;
const firstPollMs = 100;
const lastPollMs = 2_000;

/** Users of Zendesk, by `external_id` and custom user fields. */
export function createZendesk({ http, sleep, jobPatienceMs = 60_000 }: ZendeskOptions): Desk {
  async function finished(submitted: Job, context: PortContext): Promise<Job | null> {
    const deadlineMs = context.now() + jobPatienceMs;
    let job = submitted;
    for (let waitMs = firstPollMs; isUnderWay(job); waitMs = Math.min(lastPollMs, 2 * waitMs)) {
      if (context.now() > deadlineMs) return null;
      await sleep(waitMs, context.signal);
      const answer = await http.get<{ job_status: Job }>(`/api/v2/job_statuses/${job.id}.json`, context);
      if (answer === null) return null;
      job = answer.job_status;
    }
    return job;
  }

  return {
    maxUsers: mostUsers,
    async check(context) {
      const answer = await http.get<{ user_fields: readonly { key: string; active: boolean }[] }>(
        '/api/v2/user_fields.json',
        context,
      );
      const known = new Set(answer?.user_fields.filter(({ active }) => active).map(({ key }) => key));
      const missing = contextFields.filter(field => !known.has(field));
      if (missing.length > 0)
        throw misconfigured('desk_fields_missing', `the desk has no user fields ${missing.join(', ')}`);
    },
    async find(externalIds, context) {
      const query = [...new Set(externalIds)].map(encodeURIComponent).join(',');
      const path = `/api/v2/users/show_many.json?external_ids=${query}`;
      const answer = await http.get<{ users: readonly ZendeskUser[] }>(path, context);
      return new Map(answer?.users.flatMap(user => (user.external_id === null ? [] : [foundOf(user)])));
    },
    async upsert(users, context) {
      const body = { users: users.map(requestOf) };
      const path = '/api/v2/users/create_or_update_many.json';
      const { job_status: submitted } = await http.post<{ job_status: Job }>(path, body, context);
      let job: Job | null;
      try {
        job = await finished(submitted, context);
      } catch (error) {
        // The job goes on without us: whatever happened while asking, its users must be looked up.
        if (context.signal.aborted) throw error;
        job = null;
      }
      return users.map((_, index) => resultOf(job, job?.results?.[index]));
    },
    close: () => http.close(),
  };
}

const isUnderWay = ({ status }: Job): boolean => status === 'queued' || status === 'working';

/** Fields not sent stay as they are. */
function requestOf({ externalId, name, email, fields }: DeskUser): object {
  return {
    external_id: externalId,
    ...(name === null ? {} : { name }),
    ...(email === null ? {} : { email }),
    user_fields: fields,
  };
}

/** A busy database is no refusal: looked up, the user is not there, and is sent again. */
const passing = new Set([
  'DatabaseConflict',
  'TooManyRequests',
  'APIRateLimitExceeded',
  'UserUpdateRateLimit',
]);

function resultOf(job: Job | null, result: JobResult | undefined): UpsertResult {
  if (job === null) return { result: 'unknown', reason: 'the desk no longer tells of the job' };
  if (result === undefined) return { result: 'unknown', reason: `the job ended as ${job.status}` };
  if (result.id !== undefined && result.error === undefined) return { result: 'done', id: String(result.id) };
  const reason = `${result.error ?? result.status ?? 'failed'}: ${result.details ?? ''}`;
  return passing.has(result.error ?? '') ? { result: 'unknown', reason } : { result: 'refused', reason };
}

function foundOf(user: ZendeskUser): readonly [string, FoundUser] {
  const fields = Object.entries(user.user_fields).map(
    ([name, value]) =>
      [name, name.endsWith('_on') && typeof value === 'string' ? value.slice(0, 10) : value] as const,
  );
  const externalId = user.external_id ?? '';
  return [
    externalId,
    {
      id: String(user.id),
      externalId,
      name: user.name,
      email: user.email,
      fields: Object.fromEntries(fields),
    },
  ];
}
