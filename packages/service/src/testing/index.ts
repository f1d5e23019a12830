export { testConfiguration } from './configuration-suite.ts';
export type { ConfigurationSuite } from './configuration-suite.ts';
export { createTestConfiguration, runToEnd } from './configuration.ts';
export type { TestConfiguration } from './configuration.ts';
