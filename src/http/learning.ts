/** Routes for what a run learned: held-out curves, the result, samples of its tasks. */
import { createRoute, z } from '@hono/zod-openapi'
import { camel } from '../../lib/camel.ts'
import type { Library } from '../../state/pages.ts'
import { learningSchema, sampleSchema } from './learning-schemas.ts'
import { about, idParam, list, newRoutes, ok, until, wholeNumber } from './route.ts'

/** The number of last steps that samples come from. */
const recent = 10

const learning = createRoute({
  method: 'get',
  ...about('getLearning', 'Learning', 'Get held-out curves and their changes'),
  path: '/api/runs/{id}/learning',
  request: { params: idParam, query: z.strictObject({ until }) },
  responses: ok(
    learningSchema,
    'Held-out curves with intervals, their changes, and the result in a sentence',
  ),
})

const samples = createRoute({
  method: 'get',
  ...about('listSamples', 'Tasks', 'List invented tasks of the last steps'),
  path: '/api/runs/{id}/samples',
  request: {
    params: idParam,
    query: z.strictObject({ limit: wholeNumber(1, 20).default(2) }),
  },
  responses: ok(
    list(sampleSchema),
    'Invented tasks of the last steps with their answers, a limited number per kind, in turn',
  ),
})

export const learningRoutes = (library: Library) =>
  newRoutes()
    .openapi(learning, async context => {
      const pages = library.of(context.req.valid('param').id)
      const { until } = context.req.valid('query')
      const [{ lines, changes }, outcome, times] = await Promise.all([
        pages.heldOut(until),
        pages.outcome(until),
        pages.times(until),
      ])
      return context.json({ lines, changes, times, outcome }, 200)
    })
    .openapi(samples, async context => {
      const { id } = context.req.valid('param')
      const { limit } = context.req.valid('query')
      const { step, run } = await library.run(id)
      const since = Math.max(0, (step ?? 0) - recent)
      const pages = library.of(id)
      const found = await Promise.all(
        run.kinds.map(({ name }) => pages.samples(name, since, limit)),
      )
      const turns = Array.from({ length: limit }, (_, turn) => found.flatMap(of => of[turn] ?? []))
      return context.json({ items: camel(turns.flat()) }, 200)
    })
