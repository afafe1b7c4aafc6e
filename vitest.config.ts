import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Tests that take long, for `npm run test:long`. */
const long = [
  'test/hostile/hostile.test.ts',
  'test/crash/crash.test.ts',
  'test/docs/site.test.ts',
  'test/whole/deaths.test.ts',
  'test/whole/guides.test.ts',
  'test/whole/kind.test.ts',
  'test/whole/knobs.test.ts',
  'test/whole/learner.test.ts',
  'test/whole/memory.test.ts',
  'test/whole/reward.test.ts',
  'test/whole/tutorial.test.ts',
]
/** Tests of the real engine, which `azr setup engine` installs: `npm run test:vllm`. */
const vllm = ['test/vllm/**/*.test.ts']

/** One whole run, with which others are compared. */
const globalSetup = 'test/whole/reference.ts'

/** Real runs come first, because a long file that begins last leaves the other core idle. */
class RunsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const sorted = await super.sort(files)
    const isRun = ({ project }: TestSpecification) => project.name === 'whole'
    return [...sorted.filter(isRun), ...sorted.filter(file => !isRun(file))]
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: RunsFirst },
    // Our processes start torch, which takes a while on two busy cores.
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
