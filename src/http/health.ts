/** Whether a run is well: alarms, what stands still, parity, restarts, outcomes, memory. */
import { createRoute, z } from '@hono/zod-openapi'
import { statusOf } from '../../state/open.ts'
import type { Library } from '../../state/pages.ts'
import { processTree } from '../processes.ts'
import { hangsOf } from './hangs.ts'
import { idParam, newRoutes, ok, until } from './route.ts'
import { runEvent } from './schemas.ts'

const healthSchema = z
  .object({
    alarms: z.array(
      z.object({
        name: z.string(),
        level: z.enum(['warning', 'collapse']),
        step: z.int(),
        message: z.string(),
        advice: z.string(),
      }),
    ),
    hangs: z
      .array(z.object({ what: z.string(), since_ms: z.number(), message: z.string() }))
      .describe('What stands still in a run that goes on'),
    parity: z.array(
      z.object({
        version: z.int(),
        weights_hash: z.string(),
        parity_max: z.number(),
        parity_mean: z.number(),
      }),
    ),
    troubles: z.array(runEvent).describe('Restarts, redone work, failed gates; newest first'),
    outcomes: z
      .array(z.object({ step: z.int(), outcome: z.string(), count: z.int(), cpu_ms: z.number() }))
      .describe('What programs did in the sandbox, at up to 60 steps'),
    sandbox: z
      .record(z.string(), z.int())
      .describe('What the sandbox counted of itself: outcomes, restarts, retries, audits'),
    processes: z.array(
      z.object({
        pid: z.int(),
        name: z.string(),
        isSuspended: z.boolean(),
        memory_bytes: z.int(),
      }),
    ),
  })
  .openapi('Health')

const route = createRoute({
  method: 'get',
  path: '/api/runs/{id}/health',
  request: { params: idParam, query: z.object({ until }) },
  responses: ok(healthSchema, 'Alarms with what triggered them, what stands still, and why'),
})

export const healthRoutes = (library: Library) =>
  newRoutes().openapi(route, async context => {
    const { id } = context.req.valid('param')
    const { until = Number.MAX_SAFE_INTEGER } = context.req.valid('query')
    const state = await library.run(id)
    const pages = library.of(id)
    const [alarms, parity, troubles, outcomes, sandbox, machines, lastMs] = await Promise.all([
      pages.alarms(until),
      pages.parity(50),
      pages.troubles(50),
      pages.outcomes(),
      pages.sandbox(until),
      pages.machines(),
      pages.lastMs(),
    ])
    const processes = state.alive && state.pid !== null ? processTree(state.pid) : []
    const isPaused = statusOf(state) === 'paused'
    const told = { lastMs, isPaused, nowMs: Date.now() }
    const hangs = state.alive ? hangsOf(machines, processes, told) : []
    const found = { alarms, hangs, parity, troubles, outcomes, sandbox, processes }
    return context.json(found, 200)
  })
