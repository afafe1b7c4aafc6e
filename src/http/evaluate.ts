/** Scores a run on held-out suites, in a separate process, like `azr eval`. */
import { createRoute, z } from '@hono/zod-openapi'
import { mostSteps } from '../../domain/key.ts'
import { evaluationModes } from '../../domain/task.ts'
import { stamp } from '../../lib/formats.ts'
import type { Library } from '../../state/pages.ts'
import { addressOf, beginning, json, location, newName, type Place, started } from './orders.ts'
import { problems, refusals } from './problem.ts'
import { about, idParam, newRoutes, runId } from './route.ts'

const order = z
  .strictObject({
    at: z
      .union([z.int().min(0).max(mostSteps), z.literal('best')])
      .optional()
      .describe('A step with a checkpoint (default: the last one)'),
    suites: z
      .array(
        z
          .string()
          .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
          .max(64),
      )
      .min(1)
      .max(20)
      .openapi({ example: ['micro-easy'] }),
    modes: z.array(z.enum(evaluationModes)).min(1).optional(),
    samples: z.int().min(1).max(256).optional().describe('Answers to each item, in mode sampled'),
    items: z.int().min(1).optional().describe('Items of each suite and kind (default: all)'),
    run: runId.optional().describe('Name of the evaluation (default: eval and the time)'),
  })
  .openapi('EvaluationOrder')

const route = createRoute({
  method: 'post',
  ...about('evaluateRun', 'Runs', 'Score a run on held-out suites'),
  path: '/api/runs/{id}/evaluate',
  description: 'The evaluation is a separate run, and is listed as one',
  request: { params: idParam, body: { ...json(order), required: true } },
  responses: {
    201: { description: 'The evaluation began', headers: location, ...json(started) },
    ...problems,
    ...refusals,
  },
})

export function evaluateRoutes(library: Library, place: Place) {
  const { home, base } = place
  return newRoutes().openapi(route, async context => {
    const { id: model } = context.req.valid('param')
    const { at, suites, modes, samples, items, run } = context.req.valid('json')
    await library.run(model)
    const id = newName(home, run, `eval-${stamp()}`)
    const flags = { mode: modes?.join(','), samples, items }
    const given = Object.entries(flags).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, String(value)],
    )
    const from = at === undefined ? model : `${model}@${at}`
    const words = ['eval', '--model', from, '--suite', suites.join(','), '--run', id, ...given]
    const pid = await beginning(place, id, words)
    return context.json({ id, pid }, 201, addressOf(base, id))
  })
}
