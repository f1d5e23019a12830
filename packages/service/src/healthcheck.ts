/**
 * For a container's health check: leaves with 0 when the service's admin port says that the process lives, or when the
 * address given as an argument answers with success.
 */
const url =
  process.argv[2] ?? `http://127.0.0.1:${process.env['KEELSON_ADMIN_PORT'] ?? 'KEELSON_ADMIN_PORT'}/healthz`;
const answer = await fetch(url, { signal: AbortSignal.timeout(4000) }).catch(() => undefined);
process.exit(answer?.ok === true ? 0 : 1);
