import { defineConfig } from 'vitest/config'

/** What takes a minute and more: `npm run test:long`. */
const long = [
  'test/hostile/hostile.test.ts',
  'test/crash/crash.test.ts',
  'test/whole/deaths.test.ts',
  'test/whole/knobs.test.ts',
  'test/whole/learner.test.ts',
  'test/docs/site.test.ts',
  'test/whole/memory.test.ts',
]
/** Those of the real engine, which `azr setup engine` brings: `npm run test:vllm`. */
const vllm = ['test/vllm/**/*.test.ts']

/** One whole run, which the others are held against. */
const globalSetup = 'test/whole/reference.ts'

export default defineConfig({
  test: {
    // Processes of ours start torch: on two busy cores that takes a while.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/whole/**', ...long, ...vllm],
        },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/whole/**/*.test.ts'],
          exclude: long,
          globalSetup,
        },
      },
      { extends: true, test: { name: 'long', include: long, globalSetup } },
      { extends: true, test: { name: 'vllm', include: vllm } },
    ],
  },
})
