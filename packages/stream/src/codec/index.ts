export { createCodec, type Codec, type CodecOptions, type Decoded } from './codec.ts';
export { Undecodable, UnknownWriter } from './errors.ts';
