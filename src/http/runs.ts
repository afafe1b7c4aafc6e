/** Routes for runs, as a list and one by one. Routes that change them are in orders.ts. */
import { createRoute, z } from '@hono/zod-openapi'
import { camel } from '../../lib/camel.ts'
import { type RunState, statusOf } from '../../state/open.ts'
import type { Library } from '../../state/pages.ts'
import { commandOf } from '../config/command.ts'
import { parseConfig } from '../config/load.ts'
import { about, idParam, newRoutes, ok, page, runId, wholeNumber } from './route.ts'
import * as schemas from './schemas.ts'

function stepsOf(config: unknown): number {
  try {
    return parseConfig(config, 'the stored config').steps
  } catch {
    return (config as { steps?: number }).steps ?? 0
  }
}

/** A fork names its parent, an evaluation the run that it scores. */
function parentOf(lineage: unknown): { id: string; step: number } | null {
  type From = { run?: string; step?: number }
  const { forked, ...scored } = (lineage ?? {}) as From & { forked?: From }
  const { run: id, step } = forked ?? scored
  return id === undefined ? null : { id, step: step ?? 0 }
}

function summarise(state: RunState): z.infer<typeof schemas.runSummary> {
  const { name: id, step, pid, run } = state
  const { preset, seed, created_at_ms: createdAtMs } = run
  const status = statusOf(state)
  const steps = stepsOf(run.config)
  const parent = parentOf(run.lineage)
  return { id, preset, seed, steps, step, status, pid, createdAtMs, parent, labels: state.labels }
}

const all = createRoute({
  method: 'get',
  ...about('listRuns', 'Runs', 'List the runs'),
  path: '/api/runs',
  request: {
    query: z.strictObject({
      after: runId.optional().openapi({ param: { name: 'after', in: 'query' } }),
      status: schemas.runStatus.optional(),
      limit: wholeNumber(1, 500).default(500),
    }),
  },
  responses: ok(page(schemas.runSummary), 'Runs, by name'),
})

const one = createRoute({
  method: 'get',
  ...about('getRun', 'Runs', 'Get a run'),
  path: '/api/runs/{id}',
  request: { params: idParam },
  responses: ok(schemas.runDetail, 'One run'),
})

export const runRoutes = (library: Library) =>
  newRoutes()
    .openapi(all, async context => {
      const { after, limit, status } = context.req.valid('query')
      const runs = (await library.runs()).filter(
        run =>
          (after === undefined || run.name > after) &&
          (status === undefined || statusOf(run) === status),
      )
      const next = runs.length > limit ? (runs[limit - 1]?.name ?? null) : null
      return context.json({ items: runs.slice(0, limit).map(summarise), next }, 200)
    })
    .openapi(one, async context => {
      const { id } = context.req.valid('param')
      const state = await library.run(id)
      const { config, versions, kinds, lineage } = state.run
      const pages = library.of(id)
      const [events, corpus] = await Promise.all([pages.events(50), pages.corpusCounts()])
      const command = commandOf(state.run)
      const known = { config, versions, kinds, lineage, corpus, command, events: camel(events) }
      return context.json({ ...summarise(state), ...known }, 200)
    })
