/** Runs, what can be asked of them, and how one is begun: in a process that outlives this one. */

import { createRoute, z } from '@hono/zod-openapi'
import { RunDamaged } from '../../domain/errors.ts'
import { stamp } from '../../lib/formats.ts'
import { describeRun, type RunState, runNames, sendCommand, statusOf } from '../../state/open.ts'
import type { Library } from '../../state/pages.ts'
import { parseConfig } from '../config/load.ts'
import { Problem, problems, refusals } from './problem.ts'
import { idParam, newRoutes, ok, page, runId, stepMost, wholeNumber } from './route.ts'
import * as schemas from './schemas.ts'

/** Starts `azr WORDS…` detached; resolves with its pid once `isBegun`. */
export type Launch = (
  home: string,
  words: string[],
  isBegun: (pid: number) => boolean,
) => Promise<number>

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

const all = createRoute({
  method: 'get',
  path: '/api/runs',
  request: {
    query: z.object({
      after: runId.optional().openapi({ param: { name: 'after', in: 'query' } }),
      status: schemas.runStatus.optional(),
      limit: wholeNumber(1, 500).default(500),
    }),
  },
  responses: ok(page(schemas.runSummary), 'Runs, by name'),
})

const one = createRoute({
  method: 'get',
  path: '/api/runs/{id}',
  request: { params: idParam },
  responses: ok(schemas.runDetail, 'One run'),
})

const knob = z.union([z.string().max(500), z.number(), z.boolean()])
const path = /^[a-zA-Z]+(\.[a-zA-Z]+)*$/
const knobs = z
  .record(z.string().regex(path), knob)
  .default({})
  // The generator leaves out what keys have to be like.
  .openapi({ propertyNames: { pattern: path.source } } as never)
  .describe('As on the command line: {"solve.batch": 8}')
const order = z
  .strictObject({
    preset: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]*$/)
      .max(64)
      .describe('A preset by name; files are for the command line'),
    run: runId.optional().describe('Name of the new run; none: the preset and the time'),
    knobs,
  })
  .openapi('Order')
const forkOrder = z
  .strictObject({
    at: z.int().min(0).max(stepMost).describe('The step after which the new run goes its own way'),
    run: runId.optional().describe('Name of the new run; none: RUN-at-STEP'),
    knobs,
  })
  .openapi('ForkOrder')

const started = z.object({ id: z.string(), pid: z.int() }).openapi('Started')
const json = <Schema extends z.ZodType>(schema: Schema) => ({
  content: { 'application/json': { schema } },
})

const begin = createRoute({
  method: 'post',
  path: '/api/runs',
  request: { body: { ...json(order), required: true } },
  responses: {
    201: { description: 'The run began', ...json(started) },
    ...problems,
    ...refusals,
  },
})

const fork = createRoute({
  method: 'post',
  path: '/api/runs/{id}/fork',
  request: { params: idParam, body: { ...json(forkOrder), required: true } },
  responses: {
    201: { description: 'The new run began', ...json(started) },
    ...problems,
    ...refusals,
  },
})

const asked = {
  202: { description: 'The run was asked: the answer is among its events' },
  ...problems,
  ...refusals,
}
const command = <Verb extends string>(verb: Verb, description: string) =>
  createRoute({
    method: 'post',
    path: `/api/runs/{id}/${verb}` as const,
    description,
    request: { params: idParam },
    responses: asked,
  })

/** Known before the process is; where none is given, as the commands make it up. */
function newName(home: string, given: string | undefined, stem: string): string {
  const taken = runNames(home)
  if (given !== undefined && taken.includes(given)) {
    throw new Problem(409, `Cannot begin run ${given} as it exists: choose another name`)
  }
  let found = given ?? stem
  for (let n = 2; taken.includes(found); n++) found = `${stem}-${n}`
  return found
}

/** The process that works on a run. A run that is being made cannot be read for a moment. */
function ownerOf(home: string, id: string): number | null {
  try {
    if (!runNames(home).includes(id)) return null
    const { alive, pid } = describeRun(home, id)
    return alive ? pid : null
  } catch (error) {
    if (error instanceof RunDamaged) return null
    throw error
  }
}

const flagsOf = (knobs: Record<string, string | number | boolean>) =>
  Object.entries(knobs).map(([path, value]) => `--${path}=${value}`)

export function runRoutes(library: Library, home: string, launch: Launch) {
  /** Whoever else took the name meanwhile, it is not begun. */
  const isOwner = (id: string) => (pid: number) => ownerOf(home, id) === pid
  return newRoutes()
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
      const events = await library.of(id).events(50)
      return context.json({ ...summarise(state), config, versions, kinds, lineage, events }, 200)
    })
    .openapi(begin, async context => {
      const { preset, run, knobs } = context.req.valid('json')
      const id = newName(home, run, `${preset}-${stamp()}`)
      const words = ['train', preset, '--run', id, ...flagsOf(knobs)]
      const pid = await launch(home, words, isOwner(id))
      return context.json({ id, pid }, 201)
    })
    .openapi(fork, async context => {
      const { id: parent } = context.req.valid('param')
      const { at, run, knobs } = context.req.valid('json')
      await library.run(parent)
      const id = newName(home, run, `${parent}-at-${at}`)
      const words = ['fork', parent, '--at', String(at), '--run', id, ...flagsOf(knobs)]
      const pid = await launch(home, words, isOwner(id))
      return context.json({ id, pid }, 201)
    })
    .openapi(
      command('pause', 'Holds the run: what is in flight ends, nothing new begins'),
      context => {
        sendCommand(home, context.req.valid('param').id, 'pause')
        return context.body(null, 202)
      },
    )
    .openapi(command('stop', 'Ends the run; it can be resumed'), context => {
      sendCommand(home, context.req.valid('param').id, 'stop')
      return context.body(null, 202)
    })
    .openapi(
      command('resume', 'Lets a paused run go on; starts a process for one that nobody works on'),
      async context => {
        const { id } = context.req.valid('param')
        const { alive } = await library.run(id)
        if (alive) sendCommand(home, id, 'resume')
        else await launch(home, ['resume', id], () => ownerOf(home, id) !== null)
        return context.body(null, 202)
      },
    )
}
