/** After all tests: ends the platform that `jest-setup` offered. */
export default async function teardown(): Promise<void> {
  await globalThis.keelsonTestPlatform?.close();
}
