/** Runs, and what can be asked of them. */
import { createRoute, type OpenAPIHono, type z } from '@hono/zod-openapi'
import { type RunState, sendCommand, statusOf } from '../../state/open.ts'
import type { Library } from '../../state/pages.ts'
import { parseConfig } from '../config-load.ts'
import { problems } from './problem.ts'
import { idParam, ok, page } from './route.ts'
import * as schemas from './schemas.ts'

function stepsOf(config: unknown): number {
  try {
    return parseConfig(config, 'the stored config').steps
  } catch {
    return (config as { steps?: number }).steps ?? 0
  }
}

function summarise(state: RunState): z.infer<typeof schemas.runSummary> {
  const { name: id, step, pid, run } = state
  const { preset, seed, created_at_ms } = run
  const status = statusOf(state)
  return { id, preset, seed, steps: stepsOf(run.config), step, status, pid, created_at_ms }
}

export function addRuns(app: OpenAPIHono, library: Library): void {
  const list = ok({ schema: page(schemas.runSummary), description: 'Runs, by name' })
  app.openapi(createRoute({ method: 'get', path: '/api/runs', responses: list }), async context => {
    const items = (await library.runs()).map(summarise)
    return context.json({ items, next: null }, 200)
  })
  const one = {
    method: 'get' as const,
    path: '/api/runs/{id}' as const,
    request: { params: idParam },
    responses: ok({ schema: schemas.runDetail, description: 'One run' }),
  }
  app.openapi(createRoute(one), async context => {
    const { id } = context.req.valid('param')
    const state = await library.run(id)
    const { config, versions, lineage } = state.run
    const events = await library.of(id).events(50)
    return context.json({ ...summarise(state), config, versions, lineage, events } as never, 200)
  })
}

export function addCommands(app: OpenAPIHono, home: string): void {
  for (const verb of ['pause', 'resume', 'stop'] as const) {
    const route = createRoute({
      method: 'post',
      path: `/api/runs/{id}/${verb}` as const,
      request: { params: idParam },
      responses: {
        202: { description: 'The run was asked' },
        ...problems,
        409: { description: 'Nobody works on the run' },
      },
    })
    app.openapi(route, context => {
      sendCommand(home, context.req.valid('param').id, verb)
      return context.body(null, 202) as never
    })
  }
}
