import { KeelsonError, misconfigured, unavailable } from '@keelson/contracts';
import { loginAdvice } from '@keelson/service';
import type { Logger } from '@keelson/service';
import { checkTopics, kafkaProblemOf } from '@keelson/stream';
import type { KafkaConnection, Publisher } from '@keelson/stream';
import { setTimeout as delay } from 'node:timers/promises';

export interface TopicCheckOptions {
  readonly topics: readonly string[];
  readonly partitionCount: number;
  readonly kafka: KafkaConnection;
  readonly logger: Logger;
  /** Ends the asking. */
  readonly signal: AbortSignal;
}

export interface TopicCheck {
  /** Resolves when Kafka has answered, or has been given its time to; rejects when a topic is not as it must be. */
  readonly tried: Promise<void>;
  /** Resolves when every topic is as it must be; rejects with `Misconfigured` when one is not. */
  readonly passed: Promise<void>;
  /** Why nothing may be written yet, if so. */
  readonly reasons: () => readonly string[];
}

const firstTryMs = 3_000;
const retryMs = 1_000;
const unanswered = 'Kafka has not answered yet: the topics are not checked';
const refused = `Kafka refuses the login: ${loginAdvice}`;

/**
 * Asks Kafka, for as long as it takes, whether all topics exist with the installation's partition count. Until it has said
 * so nothing may be written: a record is placed by its key and that count, and would lie where nobody looks for it.
 *
 * A login that is refused is told as such, and asked for again like all else: a connection that breaks while it logs in
 * looks the same, and a user may be added.
 */
export function startTopicCheck(options: TopicCheckOptions): TopicCheck {
  const { logger, signal } = options;
  let problem: string | undefined = unanswered;

  async function ask(): Promise<void> {
    while (!signal.aborted) {
      try {
        await checkTopics(options.topics, options);
        problem = undefined;
        return;
      } catch (error) {
        if (error instanceof KeelsonError) throw advised(error);
        problem = kafkaProblemOf(error) === 'login' ? refused : unanswered;
        logger.warn({ err: error }, problem);
        await delay(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  const asking = ask();
  asking.catch(() => undefined);
  return {
    tried: Promise.race([asking, delay(firstTryMs, undefined, { ref: false })]),
    passed: asking,
    reasons: () => (problem === undefined ? [] : [problem]),
  };
}

const advised = (error: KeelsonError): KeelsonError =>
  misconfigured(
    error.code,
    `${error.message}\n  keelson topics apply creates what is missing, and names what a person must decide`,
    { cause: error },
  );

/** Writes only after the check has passed; before, the sender is told to come again. */
export const publishChecked = (
  publisher: Publisher,
  { reasons }: TopicCheck,
): Pick<Publisher, 'publish'> => ({
  publish: outputs => {
    const [reason] = reasons();
    return reason === undefined
      ? publisher.publish(outputs)
      : Promise.reject(unavailable('topics_unchecked', reason));
  },
});
