/** Routes for the rows of a run: lists by cursor, and curves. */
import { createRoute, z } from '@hono/zod-openapi'
import { mostSteps } from '../../domain/key.ts'
import { purposes, roles } from '../../domain/task.ts'
import { camel } from '../../lib/camel.ts'
import type { Library } from '../../state/pages.ts'
import { isRankCursor, type Order, type Sort, sorts } from '../../state/reader-ranked.ts'
import { Problem } from './problem.ts'
import {
  about,
  checkKind,
  cursor,
  idParam,
  kindName,
  limit,
  list,
  newRoutes,
  ok,
  page,
  step,
  until,
  wholeNumber,
} from './route.ts'
import * as schemas from './schemas.ts'

const get = { method: 'get' } as const
const text = z.string().max(200).optional().describe('Contains this text, ignoring case')

const figure = z
  .preprocess(
    text => (typeof text === 'string' && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text),
    z.number(),
  )
  .optional()

const ofRewarded = {
  minReward: figure,
  maxReward: figure,
  minSuccessRate: figure.describe("The task's success rate, from 0 to 1"),
  maxSuccessRate: figure,
}

/** Query parameters that the lists of rows share. */
const common = {
  order: z.enum(['asc', 'desc']).default('desc').describe('The order of `sort`; equal rows by id'),
  step: step.optional(),
  since: step.optional().describe('From this step on'),
  until,
  text,
  before: cursor,
  limit,
}

type Figures = Partial<
  Record<`${'min' | 'max'}${'Reward' | 'SuccessRate' | 'Length' | 'Advantage'}`, number>
>

/** The bounds in a query, in the form that the reader takes. */
function ranged<Query extends Figures & { sort: Sort; order: Order; before?: string | undefined }>(
  query: Query,
) {
  const isRanked = query.sort !== 'step' || query.order !== 'desc'
  if (isRanked && query.before !== undefined && !isRankCursor(query.before)) {
    throw new Problem(400, 'api-request', 'before: it is not a cursor of a list in this order')
  }
  return {
    ...query,
    reward: [query.minReward, query.maxReward] as const,
    successRate: [query.minSuccessRate, query.maxSuccessRate] as const,
    length: [query.minLength, query.maxLength] as const,
    advantage: [query.minAdvantage, query.maxAdvantage] as const,
  }
}

const steps = createRoute({
  ...get,
  ...about('listSteps', 'Learning', 'List the finished steps of a run'),
  path: '/api/runs/{id}/steps',
  request: {
    params: idParam,
    query: z.strictObject({ after: wholeNumber(-1, mostSteps).default(-1), limit }),
  },
  responses: ok(page(schemas.stepSchema), 'Finished steps, oldest first'),
})

const tasks = createRoute({
  ...get,
  ...about('listTasks', 'Tasks', 'List the tasks that a run proposed'),
  path: '/api/runs/{id}/tasks',
  request: {
    params: idParam,
    query: z.strictObject({
      kind: kindName.optional(),
      verdict: z
        .enum([...schemas.taskVerdicts, 'valid'])
        .optional()
        .describe('valid: accepted or duplicate'),
      solved: z
        .enum(['never', 'sometimes', 'always'])
        .optional()
        .describe('Whether it was solved never, sometimes or always'),
      ...ofRewarded,
      sort: z.enum(['step', 'reward', 'successRate']).default('step'),
      ...common,
    }),
  },
  responses: ok(
    page(schemas.taskSchema),
    'Proposals, newest first or by a figure. One query reads a limited number of rows, so a ' +
      'page may have fewer items than requested and still a `next`',
  ),
})

const rollouts = createRoute({
  ...get,
  ...about('listRollouts', 'Tasks', 'List the completions of a run'),
  path: '/api/runs/{id}/rollouts',
  request: {
    params: idParam,
    query: z.strictObject({
      role: z.enum(roles).optional(),
      kind: kindName.optional(),
      purpose: z
        .enum([...purposes, 'self-play'])
        .optional()
        .describe('self-play: everything except evaluate, as in curves'),
      verdict: z.enum([...schemas.anyVerdict.options, 'none']).optional(),
      finish: z.enum(['stop', 'length']).optional().describe('length: cut at its limit'),
      plans: z
        .enum(['yes', 'no'])
        .optional()
        .describe('Whether working or comments come before the code'),
      suite: z.string().min(1).max(100).optional().describe('Held-out answers of this suite'),
      ...ofRewarded,
      minLength: figure.describe('Tokens'),
      maxLength: figure,
      minAdvantage: figure.describe('Its advantage in the update'),
      maxAdvantage: figure,
      sort: z.enum(sorts).default('step'),
      ...common,
    }),
  },
  responses: ok(page(schemas.rolloutSchema), 'Completions, ordered and paged like tasks'),
})

const metrics = createRoute({
  ...get,
  ...about('getMetrics', 'Learning', 'Get curves by name'),
  path: '/api/runs/{id}/metrics',
  request: {
    params: idParam,
    query: z.strictObject({
      names: z.string().max(2000).default('').describe('Comma-separated; a name may end in *'),
      until,
    }),
  },
  responses: ok(schemas.metricsSchema, 'Curves by name: [step, value]'),
})

const evaluations = createRoute({
  ...get,
  ...about('listEvaluations', 'Learning', 'List the held-out scores of a run'),
  path: '/api/runs/{id}/evaluations',
  request: { params: idParam },
  responses: ok(list(schemas.evaluationSchema), 'Held-out suites, oldest first'),
})

export const listRoutes = (library: Library) =>
  newRoutes()
    .openapi(steps, async context => {
      const { after, limit } = context.req.valid('query')
      const pages = library.of(context.req.valid('param').id)
      const items = await pages.steps(after, limit)
      const next = items.length === limit ? String(items.at(-1)?.step) : null
      const ends = new Map(await pages.times())
      const told = camel(items).map(row => ({ ...row, endedAtMs: ends.get(row.step) ?? null }))
      return context.json({ items: told, next }, 200)
    })
    .openapi(tasks, async context => {
      const { id } = context.req.valid('param')
      const query = context.req.valid('query')
      await checkKind(library, id, query.kind)
      return context.json(camel(await library.of(id).tasks(ranged(query))), 200)
    })
    .openapi(rollouts, async context => {
      const { id } = context.req.valid('param')
      const query = context.req.valid('query')
      await checkKind(library, id, query.kind)
      const found = await library.of(id).rollouts(ranged(query))
      return context.json(camel(found) as z.infer<ReturnType<typeof rolloutPage>>, 200)
    })
    .openapi(metrics, async context => {
      const { names, until } = context.req.valid('query')
      const wanted = names.split(',').filter(Boolean)
      const pages = library.of(context.req.valid('param').id)
      const [curves, times] = await Promise.all([pages.metrics(wanted, until), pages.times(until)])
      return context.json({ curves, times }, 200)
    })
    .openapi(evaluations, async context => {
      const items = await library.of(context.req.valid('param').id).evaluations()
      return context.json({ items: camel(items) }, 200)
    })

const rolloutPage = () => page(schemas.rolloutSchema)
