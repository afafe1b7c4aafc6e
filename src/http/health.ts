/** Routes for the health of a run: alarms, hangs, parity, restarts, outcomes, memory. */
import { createRoute, z } from '@hono/zod-openapi'
import { hangsOf } from '../../domain/health/hangs.ts'
import { camel } from '../../lib/camel.ts'
import { readMachine } from '../../lib/machine.ts'
import { type RunState, statusOf } from '../../state/open.ts'
import type { AsyncPages, Library } from '../../state/pages.ts'
import { runProcesses } from '../config/processes.ts'
import { about, idParam, newRoutes, ok, until } from './route.ts'
import { runEvent } from './schemas.ts'

const queueDepth = z.object({
  waiting: z.int(),
  flying: z.int().describe('Items that were sent and have no answer yet'),
  most: z.int().describe('The limit of items in flight'),
  stillMs: z.number().describe('Time since an item was last sent or answered'),
})

const pulse = z
  .object({
    atMs: z.number(),
    queues: z.object({ samples: queueDepth, checks: queueDepth }),
    writes: z.object({
      rows: z.int().describe('Rows that wait to be written'),
      oldestMs: z.number().describe('How long the oldest of them has waited'),
      commitMs: z.number().describe('Duration of the last transaction'),
    }),
  })
  .openapi('Pulse')

const machine = z
  .object({
    memoryBytes: z.number(),
    totalBytes: z.number(),
    load: z.number().describe('Load average of the last minute'),
    gpus: z.array(
      z.object({
        index: z.int(),
        name: z.string(),
        busy: z.number().describe('Share of the time in which it computes'),
        memoryBytes: z.number(),
        totalBytes: z.number(),
        celsius: z.number().nullable(),
      }),
    ),
  })
  .openapi('MachineState')

const healthSchema = z
  .object({
    failure: z.string().nullable().describe('Why the run failed, if it did'),
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
      .array(z.object({ what: z.string(), sinceMs: z.number(), message: z.string() }))
      .describe('Parts of a live run that hang'),
    parity: z.array(
      z.object({
        version: z.int(),
        weightsHash: z.string(),
        parityMax: z.number(),
        parityMean: z.number(),
      }),
    ),
    troubles: z
      .array(runEvent)
      .describe('Restarts, redone work, broken checkpoints, failed gates; newest first'),
    outcomes: z
      .array(z.object({ step: z.int(), outcome: z.string(), count: z.int(), cpuMs: z.number() }))
      .describe('Outcomes of programs in the sandbox, at up to 60 steps'),
    sandbox: z
      .record(z.string(), z.int())
      .describe("The sandbox's own counts: outcomes, restarts, retries, audits"),
    engine: z
      .record(z.string(), z.int())
      .describe('Prompt tokens: all, and those found in the prefix cache'),
    processes: z.array(
      z.object({
        pid: z.int(),
        name: z.string(),
        isSuspended: z.boolean(),
        memoryBytes: z.int(),
      }),
    ),
    pulse: pulse.nullable().describe('Queue depths of a live run'),
    machine: machine.describe('The machine on which the API runs'),
  })
  .openapi('Health')

const route = createRoute({
  method: 'get',
  ...about('getHealth', 'Health', 'Get alarms and hangs'),
  path: '/api/runs/{id}/health',
  request: { params: idParam, query: z.strictObject({ until }) },
  responses: ok(healthSchema, 'Alarms with their triggers, and hangs with their causes'),
})

/** The current activity of a run, and its hangs; empty if no process works on it. */
export async function lookAtLive(pages: AsyncPages, state: RunState) {
  const { alive, pid } = state
  if (!alive || pid === null) return { processes: [], hangs: [], pulse: null }
  const [machines, vitals] = await Promise.all([pages.machines(), pages.vitals()])
  const processes = runProcesses(pid)
  const isPaused = statusOf(state) === 'paused'
  const hangs = hangsOf({ machines, processes, vitals, pid, isPaused, nowMs: Date.now() })
  const isOurs = vitals?.taken.pid === pid
  return { processes, hangs, pulse: isOurs ? { at_ms: vitals.at_ms, ...vitals.taken } : null }
}

export const healthRoutes = (library: Library) =>
  newRoutes().openapi(route, async context => {
    const { id } = context.req.valid('param')
    const { until = Number.MAX_SAFE_INTEGER } = context.req.valid('query')
    const state = await library.run(id)
    const pages = library.of(id)
    const [live, alarms, parity, troubles, outcomes, sandbox, engine, failure, machine] =
      await Promise.all([
        lookAtLive(pages, state),
        pages.alarms(until),
        pages.parity(50, until),
        pages.troubles(50, until),
        pages.outcomes(),
        pages.sandbox(until),
        pages.engine(until),
        state.alive ? null : pages.failure(),
        readMachine(),
      ])
    const known = { alarms, parity, troubles, outcomes, failure, machine }
    return context.json({ ...camel({ ...live, ...known }), sandbox, engine }, 200)
  })
