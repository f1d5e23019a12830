export { createCodec, type Codec, type CodecOptions, type Decoded } from './codec.ts';
export { Undecodable, UnknownWriter } from './errors.ts';
export { fetchSchema, registerSchemas, type Compatibility, type Subject } from './registry.ts';
