import { findJava } from './java.ts';
import { kafkaClassPath } from './maven.ts';
import type { Log } from './maven.ts';

/** A command line, ready to be started. */
export type Command = { command: string; args: string[] };

export type JavaToolOptions = {
  log?: Log;
  /** The container Kafka runs in, if it does: its own tools are used where this machine has no Java. */
  containerId?: string | undefined;
};

/**
 * How to start one of Kafka's own Java tools, for example `org.apache.kafka.tools.consumer.ConsoleConsumer`:
 * on this machine's Java with the jars from Maven, wherever Kafka itself came from; else inside Kafka's
 * container.
 *
 * @throws PlatformError when there is neither.
 */
export async function javaTool(
  mainClass: string,
  args: readonly string[],
  { log = () => undefined, containerId }: JavaToolOptions = {},
): Promise<Command> {
  try {
    const [command, classPath] = await Promise.all([findJava(), kafkaClassPath(log)]);
    const jvm = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', classPath];
    return { command, args: [...jvm, mainClass, ...args] };
  } catch (error) {
    if (!containerId) throw error;
    return {
      command: 'docker',
      args: ['exec', containerId, '/opt/kafka/bin/kafka-run-class.sh', mainClass, ...args],
    };
  }
}
