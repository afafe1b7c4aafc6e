/** Routes for the plan of a config on this machine. They start nothing. */
import { availableParallelism, totalmem } from 'node:os'
import { createRoute, z } from '@hono/zod-openapi'
import { ConfigError } from '../../domain/errors.ts'
import { readMachine } from '../../lib/machine.ts'
import type { Library } from '../../state/pages.ts'
import { backendOf } from '../config/backend.ts'
import { quoted } from '../config/command.ts'
import type { Config } from '../config/config.ts'
import { fitOn } from '../config/fit/here.ts'
import { alteredConfig, loadConfig, presetNames } from '../config/load.ts'
import { findModel, modelRefusals } from '../config/model.ts'
import { knobs, presetGiven } from './orders.ts'
import { Problem, refusals } from './problem.ts'
import { about, newRoutes, ok, runId, step } from './route.ts'

const bytes = z.record(z.string(), z.number()).describe('Bytes by purpose')

const planSchema = z
  .object({
    fits: z.boolean(),
    device: z.enum(['cpu', 'cuda']),
    hardware: z.object({ name: z.string(), memoryBytes: z.number() }),
    cards: z.int(),
    parameters: z.number(),
    memory: z.object({ learner: bytes, engine: bytes, host: bytes, disk: bytes, peak: z.number() }),
    cure: z.array(z.string()).nullable().describe('Flags that make it fit; null if none do'),
    tokens: z.object({ samples: z.number(), completion: z.number(), trained: z.number() }),
    seconds: z
      .object({
        sample: z.number(),
        train: z.number(),
        handOver: z.number(),
        score: z.number(),
      })
      .describe('Estimated seconds of the parts of a step, and of scoring the curve once'),
    refusals: z.array(z.string()).describe('Reasons why its model cannot be used here'),
    notes: z.array(z.string()),
    command: z.string().describe('The same, as a command line'),
  })
  .openapi('Plan')

const json = <Schema extends z.ZodType>(schema: Schema) => ({
  content: { 'application/json': { schema } },
})

const plan = createRoute({
  method: 'post',
  ...about('planRun', 'Catalogue', 'Plan a run: what it needs, and whether it fits'),
  path: '/api/plan',
  request: {
    body: {
      ...json(
        z
          .strictObject({
            preset: presetGiven.optional(),
            run: runId.optional().describe('Use the config of this run instead of a preset'),
            at: step.optional().describe('The step that it would be forked at'),
            resume: z.boolean().optional().describe('Continue that run instead of forking it'),
            knobs,
          })
          .openapi('PlanOrder'),
      ),
      required: true,
    },
  },
  responses: { ...ok(planSchema, 'What it needs; nothing is started'), ...refusals },
})

/** Without the model's folder the plan still says everything that does not need it. */
function modelWords(config: Config) {
  try {
    const folder = findModel(config.model.path)
    return { refusals: modelRefusals(config, folder, backendOf(config) === 'plain'), notes: [] }
  } catch (error) {
    return { refusals: [], notes: [(error as Error).message] }
  }
}

const overridesOf = (given: Record<string, unknown>) =>
  Object.entries(given).map(([path, value]) => ({ path, value: String(value) }))

/** A value that a knob does not accept is an error in the body of the request. */
function refused<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof ConfigError) throw new Problem(422, error.code, error.message)
    throw error
  }
}

export const planRoutes = (library: Library) =>
  newRoutes().openapi(plan, async context => {
    const { preset = 'micro', run, at, resume, knobs: given } = context.req.valid('json')
    if (!run && !presetNames().includes(preset)) {
      throw new Problem(
        404,
        'preset-unknown',
        `There is no preset ${preset}: choose one of ${presetNames().join(', ')}`,
      )
    }
    const overrides = overridesOf(given)
    const stored = run === undefined ? null : (await library.run(run)).run.config
    const config = refused(() =>
      stored === null ? loadConfig(preset, overrides) : alteredConfig(stored, overrides),
    )
    const [gpu] = (await readMachine()).gpus
    // Count all memory as free: the run that uses it now may end before this one begins.
    const card = gpu
      ? { name: gpu.name, totalBytes: gpu.total_bytes, freeBytes: gpu.total_bytes }
      : null
    const fit = fitOn(config, {
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      card,
    })
    const flags = overrides.map(({ path, value }) => quoted(`--${path}=${value}`))
    const forked = resume ? ['azr resume', run] : ['azr fork', run, '--at', String(at ?? 0)]
    const command = [...(run ? forked : ['azr train', preset]), ...flags].join(' ')
    return context.json({ ...fit, ...modelWords(config), command }, 200)
  })
