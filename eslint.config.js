import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const kafkaClients = ['kafkajs', 'kafkajs/*', 'avsc', '@kafkajs/*'];
const io = [
  'node:fs',
  'node:fs/promises',
  'node:net',
  'node:http',
  'node:https',
  'node:sqlite',
  'pg',
  'undici',
  'fastify',
];
const restrict = (group, message) => ({ group, message });

export default tseslint.config(
  { ignores: ['**/node_modules/**', '**/dist/**', '.keelson/**', '**/generated/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.check.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/require-await': 'off',
      'no-restricted-imports': [
        'error',
        { patterns: [restrict(kafkaClients, 'Only packages/stream knows the Kafka client and Avro.')] },
      ],
    },
  },
  { files: ['packages/stream/**', 'tests/load/kafkajs.ts'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['schemas/build/**'], rules: { 'no-restricted-imports': 'off' } },
  {
    // What the services and the command line may not do: import each other.
    files: [
      'services/**/*.ts',
      'packages/sink/**/*.ts',
      'packages/sources/**/*.ts',
      'packages/service/**/*.ts',
    ],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            restrict(kafkaClients, 'Only packages/stream knows the Kafka client and Avro.'),
            restrict(
              ['@keelson/ingestor', '@keelson/router', '@keelson/*-sink', '**/services/*'],
              'Services meet on topics only.',
            ),
          ],
        },
      ],
    },
  },
  {
    // The contract imports nothing of ours and does no I/O.
    files: ['packages/contracts/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [restrict([...kafkaClients, ...io, '@keelson/*'], 'packages/contracts is pure.')] },
      ],
    },
  },
  {
    // The sandbox plays the outside world: it must not know how Keelson sees it.
    files: ['packages/sandbox/src/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [restrict([...kafkaClients, '@keelson/*'], 'The sandbox knows nothing of Keelson.')] },
      ],
    },
  },
  {
    // What must stand in the ledger is worked out without what puts it there.
    files: ['tests/e2e/books/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            restrict([...kafkaClients, ...io, '@keelson/*', '../*'], 'The oracle imports nothing of ours.'),
          ],
        },
      ],
    },
  },
);
