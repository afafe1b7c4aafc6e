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
        test: { name: 'parts', include: ['test/**/*.test.ts'], exclude: ['test/whole/**'] },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/whole/**/*.test.ts'],
          // One whole run, which the others are held against.
          globalSetup: 'test/whole/reference.ts',
          fileParallelism: false,
        },
      },
    ],
  },
})
