/** Tests run from source: Node strips the types, packages resolve to their src by the export condition. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@keelson/source', 'node', 'node-addons', 'default'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/.keelson/'],
  modulePathIgnorePatterns: ['/dist/', '/.keelson/'],
  moduleNameMapper: {
    // Jest has its own module registry: the repaired filter must be mapped in, or kafkajs' own is loaded.
    '^\\./filterAbortedMessages$': '<rootDir>/packages/stream/src/client/filter-aborted-messages.cjs',
  },
  globalSetup: '<rootDir>/packages/testkit/src/jest-setup.ts',
  globalTeardown: '<rootDir>/packages/testkit/src/jest-teardown.ts',
  maxWorkers: 2,
  // Modules of finished test files are not given back (ES modules in a VM context): a worker starts anew instead.
  workerIdleMemoryLimit: '1GB',
  testTimeout: 60_000,
  randomize: true,
};
