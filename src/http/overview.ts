/**
 * Routes for the overview of a run: whether it learns, how it plays, and the axes of its curves.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { heldOutLeft, nextScoredStep } from '../../domain/forecast.ts'
import { headlines } from '../../domain/outcome.ts'
import { palette } from '../../domain/palette.ts'
import { suiteLinesOf } from '../../domain/suite-line.ts'
import { suiteName } from '../../domain/suite-name.ts'
import { verdictOf } from '../../domain/verdict.ts'
import { camel } from '../../lib/camel.ts'
import type { AsyncPages, Library } from '../../state/pages.ts'
import { parseConfig } from '../config/load.ts'
import { lookAtLive } from './health.ts'
import { clockSchema, colorSchema, gameSchema, overviewSchema } from './overview-schemas.ts'
import { about, idParam, key, list, newRoutes, ok, until } from './route.ts'

const get = { method: 'get' } as const
const query = z.strictObject({ until })

const overview = createRoute({
  ...get,
  ...about('getOverview', 'Learning', 'Get the verdict on a run'),
  path: '/api/runs/{id}/overview',
  request: { params: idParam, query },
  responses: ok(overviewSchema, 'Whether it learns and why, its suites, the remaining time'),
})

const game = createRoute({
  ...get,
  ...about('getGame', 'Tasks', 'Get the current task of the game'),
  path: '/api/runs/{id}/game',
  request: {
    params: idParam,
    query: query.extend({
      task: key.optional().describe('The task to show (default: the newest)'),
    }),
  },
  responses: ok(
    gameSchema,
    'A task with its answers and its reward, and other proposals of the same step',
  ),
})

const clock = createRoute({
  ...get,
  ...about('getStepClock', 'Learning', 'Get time, samples and tokens by step'),
  path: '/api/runs/{id}/clock',
  request: { params: idParam },
  responses: ok(clockSchema, 'The x axes of curves, other than the step'),
})

const colors = createRoute({
  ...get,
  ...about('listColors', 'Catalogue', 'List the colours of curves'),
  path: '/api/palette',
  responses: ok(list(colorSchema), 'Each colour, with the one thing that it stands for'),
})

/** Another version of azr may have stored a config that this one refuses. */
function configOf(stored: unknown) {
  try {
    return parseConfig(stored, 'the stored config')
  } catch {
    return null
  }
}

type Config = ReturnType<typeof parseConfig>

type Pace = Awaited<ReturnType<AsyncPages['pace']>>

/** Held-out answers that the step under way has already. */
async function heldOutDone(pages: AsyncPages): Promise<number> {
  const { work } = await pages.progress()
  const suites = work.filter(({ purpose }) => purpose === 'evaluate')
  return suites.reduce((sum, { judged }) => sum + judged, 0)
}

/** The remaining time: steps at the pace of the last ones, held-out answers at their own. */
async function leftMs(pages: AsyncPages, config: Config, step: number, pace: Pace, isNow: boolean) {
  if (pace.step_ms === null) return null
  const due = heldOutLeft(config, await pages.suiteKinds(), step)
  const done = isNow && due > 0 ? await heldOutDone(pages) : 0
  const steps = Math.max(0, config.steps - step)
  return steps * pace.step_ms + Math.max(0, due - done) * pace.answer_ms
}

async function lookAt(library: Library, id: string, until: number | undefined) {
  const state = await library.run(id)
  const pages = library.of(id)
  const isNow = until === undefined
  const [{ lines, changes }, alarms, failure, { hangs }, pace] = await Promise.all([
    pages.heldOut(until),
    pages.alarms(until ?? Number.MAX_SAFE_INTEGER),
    isNow && !state.alive ? pages.failure() : null,
    isNow ? lookAtLive(pages, state) : { hangs: [] },
    pages.pace(until),
  ])
  const config = configOf(state.run.config)
  const step = Math.min(until ?? Number.MAX_SAFE_INTEGER, state.step ?? -1)
  const suites = (config?.evaluate.suites ?? []).map(suiteName)
  const all = suiteLinesOf(lines, changes)
  const verdict = verdictOf({
    changes,
    lines: all,
    suites,
    alarms,
    hangs,
    failure,
    nextScored: config && nextScoredStep(config, step),
  })
  return {
    verdict,
    suites: all,
    headlines: [...new Set(headlines(changes, suites).map(({ suite }) => suite))],
    stepMs: pace.step_ms,
    leftMs: config ? await leftMs(pages, config, step, pace, isNow) : null,
  }
}

/** Running totals of what each step adds. */
function clockOf(rows: Awaited<ReturnType<AsyncPages['clock']>>): z.infer<typeof clockSchema> {
  const sums = { time: 0, samples: 0, tokens: 0 }
  const found: z.infer<typeof clockSchema> = { step: [], time: [], samples: [], tokens: [] }
  for (const { step, wall_ms, proposals, answers, proposal_tokens, answer_tokens } of rows) {
    sums.time += wall_ms / 1000
    sums.samples += proposals + answers
    sums.tokens += Math.round(proposals * proposal_tokens + answers * answer_tokens)
    found.step.push(step)
    found.time.push(sums.time)
    found.samples.push(sums.samples)
    found.tokens.push(sums.tokens)
  }
  return found
}

export const overviewRoutes = (library: Library) =>
  newRoutes()
    .openapi(overview, async context => {
      const { id } = context.req.valid('param')
      return context.json(camel(await lookAt(library, id, context.req.valid('query').until)), 200)
    })
    .openapi(game, async context => {
      const { id } = context.req.valid('param')
      const { until, task } = context.req.valid('query')
      const { stage, recent } = await library.of(id).game(until, task)
      const { estimate } = (await library.run(id)).run.config as { estimate?: { samples?: number } }
      const expected = estimate?.samples ?? 0
      const body = camel({ stage: stage && { ...stage, expected }, recent })
      return context.json(body as z.infer<typeof gameSchema>, 200)
    })
    .openapi(clock, async context => {
      const { id } = context.req.valid('param')
      await library.run(id)
      return context.json(clockOf(await library.of(id).clock()), 200)
    })
    .openapi(colors, context => context.json({ items: [...palette] }, 200))
