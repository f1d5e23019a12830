/** The writer's schema is not known here yet: `prepare` the codec, then decode again. */
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
