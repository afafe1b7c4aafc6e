import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Processes of ours start torch: on two busy cores that takes a while.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: 'parts', include: ['test/**/*.test.ts'], exclude: ['test/run/**'] },
      },
      {
        extends: true,
        test: {
          name: 'run',
          include: ['test/run/**/*.test.ts'],
          // One whole run, which the others are held against.
          globalSetup: 'test/run/reference.ts',
          fileParallelism: false,
        },
      },
    ],
  },
})
