import { headers as names } from '@keelson/contracts';

type Headers = Readonly<Record<string, string>>;

const none: Headers = {};

/** What travels on: the trace unchanged, and the mark of a replay. */
export function travellingHeaders(headers: Headers): Headers {
  const traceparent = headers[names.traceparent];
  const replay = headers[names.replay];
  if (replay === undefined) return traceparent === undefined ? none : { [names.traceparent]: traceparent };
  return traceparent === undefined
    ? { [names.replay]: replay }
    : { [names.traceparent]: traceparent, [names.replay]: replay };
}
