/** Named points of a work's way through a sink, for fault tests. `call_sent` and `response_unseen` are the port's to hit. */
export type SinkFaultPoint =
  | 'before_call'
  | 'call_sent'
  | 'response_unseen'
  | 'outcome_unrecorded'
  | 'offset_uncommitted'
  | 'parked_unacknowledged';

export type SinkFaultHook = (point: SinkFaultPoint) => void | Promise<void>;
