/** Routes for the current step, the difficulty of tasks, and the model's behaviour. */
import { createRoute, z } from '@hono/zod-openapi'
import { worryingWords } from '../../domain/health/worry.ts'
import { purposes, roles } from '../../domain/task.ts'
import { camel } from '../../lib/camel.ts'
import type { Library } from '../../state/pages.ts'
import { about, idParam, kindName, list, newRoutes, ok, step, until } from './route.ts'
import { anyVerdict } from './schemas.ts'

const get = { method: 'get' } as const

const progressSchema = z
  .object({
    step: z.int(),
    work: z.array(
      z.object({
        purpose: z.enum(purposes),
        kind: kindName,
        drafted: z.int(),
        judged: z.int(),
        good: z.int().describe('Accepted tasks, or right answers'),
      }),
    ),
    proposals: z.array(
      z.object({
        id: z.string(),
        kind: kindName,
        verdict: anyVerdict.nullable(),
        successRate: z.number().nullable(),
      }),
    ),
  })
  .openapi('Progress')

const progress = createRoute({
  ...get,
  ...about('getProgress', 'Health', 'Get the current step, item by item'),
  path: '/api/runs/{id}/progress',
  request: {
    params: idParam,
    query: z.strictObject({
      step: step.optional().describe('A finished step (default: the current one)'),
    }),
  },
  responses: ok(progressSchema, 'A step, item by item'),
})

const rates = createRoute({
  ...get,
  ...about('listSuccessRates', 'Learning', 'List histograms of success rates'),
  path: '/api/runs/{id}/success-rates',
  request: { params: idParam },
  responses: ok(
    list(
      z
        .object({
          step: z.int(),
          kind: kindName,
          counts: z.array(z.int()).describe('Tasks by success rate, from never to always'),
        })
        .openapi('SuccessRates'),
    ),
    'Histograms of success rates, at up to 60 steps',
  ),
})

const behaviour = createRoute({
  ...get,
  ...about('getBehaviour', 'Health', 'Get how the model writes'),
  path: '/api/runs/{id}/behaviour',
  request: { params: idParam, query: z.strictObject({ until }) },
  responses: ok(
    z
      .object({
        manners: z.array(
          z.object({
            step: z.int(),
            role: z.enum(roles),
            kind: kindName,
            texts: z.int(),
            planned: z.int().describe('Texts whose working or comments come before the code'),
          }),
        ),
        worries: z
          .array(z.object({ id: z.string(), step: z.int(), word: z.string(), excerpt: z.string() }))
          .describe('The newest 50'),
        worried: z.int().describe('Their number'),
        words: z.array(z.string()).describe('The words that were searched for (health.words)'),
      })
      .openapi('Behaviour'),
    'How texts are written: up to 50 of each role and kind, at up to 60 steps',
  ),
})

export const frontierRoutes = (library: Library) =>
  newRoutes()
    .openapi(progress, async context => {
      const { step } = context.req.valid('query')
      const found = await library.of(context.req.valid('param').id).progress(step)
      return context.json(camel(found) as z.infer<typeof progressSchema>, 200)
    })
    .openapi(rates, async context => {
      const items = await library.of(context.req.valid('param').id).successRates()
      return context.json({ items }, 200)
    })
    .openapi(behaviour, async context => {
      const { id } = context.req.valid('param')
      const { config } = (await library.run(id)).run
      const words = (config as { health?: { words?: string[] } }).health?.words ?? worryingWords
      const { until } = context.req.valid('query')
      const found = await library.of(id).behaviour(words, until)
      return context.json({ ...found, words }, 200)
    })
