import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** PEM, the key in PKCS #8. */
export type TestCertificate = { certificate: string; key: string };

/**
 * A certificate for 127.0.0.1 that is its own authority, valid for a day. Made here, so that neither a key lies in the
 * repository nor a tool must be on the machine: X.509 (RFC 5280) is written in DER, tag, length and value.
 */
export function selfSignedCertificate(): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const now = Date.now();
  const algorithm = sequence(oid.ecdsaWithSha256);
  const name = sequence(der(0x31, sequence(oid.commonName, der(0x0c, Buffer.from('127.0.0.1')))));
  const extension = (id: Buffer, value: Buffer): Buffer => sequence(id, der(0x04, value));
  const toBeSigned = sequence(
    der(0xa0, integer(2)),
    integer(1 + randomBytes(2).readUInt16BE()),
    algorithm,
    name,
    sequence(time(now - 3_600_000), time(now + 86_400_000)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        extension(oid.basicConstraints, sequence(der(0x01, Buffer.of(0xff)))),
        extension(oid.subjectAltName, sequence(der(0x87, Buffer.of(127, 0, 0, 1)))),
      ),
    ),
  );
  const signature = der(0x03, Buffer.of(0), sign('sha256', toBeSigned, privateKey));
  return {
    certificate: pem('CERTIFICATE', sequence(toBeSigned, algorithm, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

const oid = {
  ecdsaWithSha256: Buffer.from('06082a8648ce3d040302', 'hex'),
  commonName: Buffer.from('0603550403', 'hex'),
  subjectAltName: Buffer.from('0603551d11', 'hex'),
  basicConstraints: Buffer.from('0603551d13', 'hex'),
};

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), value]);
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), value]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);

/** More than 0, less than 2²⁴; a leading bit would be a sign. */
function integer(value: number): Buffer {
  const bytes = Buffer.from(value.toString(16).padStart(6, '0'), 'hex');
  const first = bytes.findIndex(byte => byte !== 0);
  const digits = bytes.subarray(first);
  return der(0x02, (digits[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits);
}

/** UTCTime: YYMMDDhhmmssZ. */
const time = (ms: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));

const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes
    .toString('base64')
    .replace(/(.{64})(?=.)/g, '$1\n')}\n-----END ${label}-----\n`;
