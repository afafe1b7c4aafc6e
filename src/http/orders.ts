/**
 * Routes that change runs: begin, fork, pause, resume, stop, delete. Each new run is a process that
 * outlives this one.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { RunDamaged } from '../../domain/errors.ts'
import { mostSteps } from '../../domain/key.ts'
import { stamp } from '../../lib/formats.ts'
import { describeRun, removeRun, runNames, sendCommand } from '../../state/open.ts'
import type { Library } from '../../state/pages.ts'
import { Problem, problems, refusals } from './problem.ts'
import { about, idParam, newRoutes, runId } from './route.ts'

/** Starts `azr WORDS…` detached; resolves with its pid once `isBegun`. */
export type Launch = (
  home: string,
  words: string[],
  isBegun: (pid: number) => boolean,
) => Promise<number>

export const presetGiven = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/)
  .max(64)
  .describe('A preset by name (only the command line takes files)')

const knob = z.union([z.string().max(500), z.number(), z.boolean()])
const path = /^[a-zA-Z]+(\.[a-zA-Z]+)*$/
export const knobs = z
  .record(z.string().regex(path), knob)
  .default({})
  // The generator omits the pattern of keys.
  .openapi({ propertyNames: { pattern: path.source } } as never)
  .describe('As on the command line: {"solve.batch": 8}')
const order = z
  .strictObject({
    preset: presetGiven,
    run: runId.optional().describe('Name of the new run (default: the preset and the time)'),
    knobs,
  })
  .openapi('Order')
const forkOrder = z
  .strictObject({
    at: z.int().min(0).max(mostSteps).describe('The step to begin from'),
    run: runId.optional().describe('Name of the new run (default: RUN-at-STEP)'),
    knobs,
  })
  .openapi('ForkOrder')

const resumeOrder = z
  .strictObject({ knobs: knobs.describe('More steps, or knobs that change no result') })
  .openapi('ResumeOrder')

export const started = z.object({ id: z.string(), pid: z.int() }).openapi('Started')
export const json = <Schema extends z.ZodType>(schema: Schema) => ({
  content: { 'application/json': { schema } },
})

/** The address of the new run. */
export const location = {
  location: { description: 'Address of the new run', schema: { type: 'string' as const } },
}
export const addressOf = (base: string, id: string) => ({ location: `${base}/api/runs/${id}` })

const begin = createRoute({
  method: 'post',
  ...about('beginRun', 'Runs', 'Begin a run'),
  path: '/api/runs',
  request: { body: { ...json(order), required: true } },
  responses: {
    201: { description: 'The run began', headers: location, ...json(started) },
    ...problems,
    ...refusals,
  },
})

const fork = createRoute({
  method: 'post',
  ...about('forkRun', 'Runs', "Begin a new run from a run's state after a step"),
  path: '/api/runs/{id}/fork',
  request: { params: idParam, body: { ...json(forkOrder), required: true } },
  responses: {
    201: { description: 'The new run began', headers: location, ...json(started) },
    ...problems,
    ...refusals,
  },
})

const asked = {
  202: { description: "The command was sent; the run's events have the answer" },
  ...problems,
  ...refusals,
}
const command = <Verb extends string>(verb: Verb, summary: string, description: string) =>
  createRoute({
    method: 'post',
    ...about(`${verb}Run`, 'Runs', summary),
    path: `/api/runs/{id}/${verb}` as const,
    description,
    request: { params: idParam },
    responses: asked,
  })

const resume = createRoute({
  method: 'post',
  ...about('resumeRun', 'Runs', 'Resume a run'),
  path: '/api/runs/{id}/resume',
  description:
    'Continues a paused run. For a run without a process, starts one, which may do more steps',
  request: { params: idParam, body: { ...json(resumeOrder), required: false } },
  responses: asked,
})

/**
 * Chooses the name before the process starts. Without a given name it makes one, like the commands.
 */
export function newName(home: string, given: string | undefined, stem: string): string {
  const taken = runNames(home)
  if (given !== undefined && taken.includes(given)) {
    throw new Problem(
      409,
      'run-exists',
      `Cannot begin run ${given} as it exists: choose another name`,
    )
  }
  let found = given ?? stem
  for (let n = 2; taken.includes(found); n++) found = `${stem}-${n}`
  return found
}

/** The process that works on a run. A run that is being created cannot be read for a moment. */
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

const remove = createRoute({
  method: 'delete',
  ...about('deleteRun', 'Runs', 'Delete a run with all it holds'),
  path: '/api/runs/{id}',
  description: 'Refuses a run in progress: stop it first',
  request: { params: idParam },
  responses: { 204: { description: 'The run is deleted' }, ...problems, ...refusals },
})

function steerRoutes(library: Library, home: string, launch: Launch) {
  return newRoutes()
    .openapi(
      command('pause', 'Pause a run', 'Pauses the run: open requests end, no new ones are sent'),
      context => {
        sendCommand(home, context.req.valid('param').id, 'pause')
        return context.body(null, 202)
      },
    )
    .openapi(command('stop', 'Stop a run', 'Stops the run; it can be resumed'), context => {
      sendCommand(home, context.req.valid('param').id, 'stop')
      return context.body(null, 202)
    })
    .openapi(resume, async context => {
      const { id } = context.req.valid('param')
      const { knobs = {} } = context.req.valid('json')
      const { alive } = await library.run(id)
      const flags = flagsOf(knobs)
      if (alive && flags.length > 0) {
        throw new Problem(
          409,
          'run-owned',
          `Cannot change run ${id} as it is in progress: stop it first`,
        )
      }
      if (alive) sendCommand(home, id, 'resume')
      else await launch(home, ['resume', id, ...flags], () => ownerOf(home, id) !== null)
      return context.body(null, 202)
    })
    .openapi(remove, context => {
      removeRun(home, context.req.valid('param').id)
      return context.body(null, 204)
    })
}

/** `base` is the path below which the API is served. */
export type Place = { home: string; launch: Launch; base: string }

/** Starts a process that makes this run. If another one took the name, it has not begun. */
export const beginning = ({ home, launch }: Place, id: string, words: string[]) =>
  launch(home, words, pid => ownerOf(home, id) === pid)

export function orderRoutes(library: Library, place: Place) {
  const { home, launch, base } = place
  return newRoutes()
    .openapi(begin, async context => {
      const { preset, run, knobs } = context.req.valid('json')
      const id = newName(home, run, `${preset}-${stamp()}`)
      const words = ['train', preset, '--run', id, ...flagsOf(knobs)]
      const pid = await beginning(place, id, words)
      return context.json({ id, pid }, 201, addressOf(base, id))
    })
    .openapi(fork, async context => {
      const { id: parent } = context.req.valid('param')
      const { at, run, knobs } = context.req.valid('json')
      await library.run(parent)
      const id = newName(home, run, `${parent}-at-${at}`)
      const words = ['fork', parent, '--at', String(at), '--run', id, ...flagsOf(knobs)]
      const pid = await beginning(place, id, words)
      return context.json({ id, pid }, 201, addressOf(base, id))
    })
    .route('/', steerRoutes(library, home, launch))
}
