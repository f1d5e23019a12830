/**
 * The writer's schema is not known here yet: the codec must `learn` it, then it can be decoded. Nothing is wrong with the
 * bytes. Thrown out of a handler, it makes the task learn and call again with the same records.
 */
export class UnknownWriter extends Error {
  readonly schemaId: number;
  constructor(schemaId: number) {
    super(`schema ${schemaId} is not known yet`);
    this.name = 'UnknownWriter';
    this.schemaId = schemaId;
  }
}

/** These bytes will never be readable, whoever asks: not Avro in the wire format, or not of its own schema. */
export class Undecodable extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'Undecodable';
  }
}
