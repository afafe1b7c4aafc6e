/** The status API (design, section 6) and the page, as one Hono app without a socket. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { type RunState, sendCommand } from '../../state/open.ts'
import { type Library, openLibrary } from '../../state/pages.ts'
import { parseConfig } from '../config-load.ts'
import { kinds } from '../domain/task.ts'
import { explain, UsageError } from '../errors.ts'
import { root, version } from '../paths.ts'
import { guard } from './guard.ts'
import { problem, problems } from './problem.ts'
import * as schemas from './schemas.ts'

const pollMs = 300
const keepAliveMs = 15_000
const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) })
const limitQuery = z.coerce.number().int().min(1).max(500).default(100)

type Json = { schema: z.ZodType; description: string }
const ok = ({ schema, description }: Json) => ({
  200: { description, content: { 'application/json': { schema } } },
  ...problems,
})

const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable().describe('Cursor of what follows') })

function stepsOf(config: unknown): number {
  try {
    return parseConfig(config, 'the stored config').steps
  } catch {
    return (config as { steps?: number }).steps ?? 0
  }
}

function statusOf({ alive, event }: RunState): z.infer<typeof schemas.runSummary>['status'] {
  if (alive) return event === 'command.pause' ? 'paused' : 'running'
  return event === 'finished' || event === 'failed' ? event : 'stopped'
}

function summarise(state: RunState): z.infer<typeof schemas.runSummary> {
  const { name: id, step, pid, run } = state
  const { preset, seed, created_at_ms } = run
  const status = statusOf(state)
  return { id, preset, seed, steps: stepsOf(run.config), step, status, pid, created_at_ms }
}

function addRuns(app: OpenAPIHono, library: Library): void {
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

function addLists(app: OpenAPIHono, library: Library): void {
  const at = <P extends string>(path: P) => `/api/runs/{id}/${path}` as const
  const steps = createRoute({
    method: 'get',
    path: at('steps'),
    request: {
      params: idParam,
      query: z.object({ after: z.coerce.number().int().default(-1), limit: limitQuery }),
    },
    responses: ok({
      schema: page(schemas.stepSchema),
      description: 'Finished steps, oldest first',
    }),
  })
  app.openapi(steps, async context => {
    const { after, limit } = context.req.valid('query')
    const items = await library.of(context.req.valid('param').id).steps(after, limit)
    const next = items.length === limit ? String(items.at(-1)?.step) : null
    return context.json({ items, next }, 200)
  })
  const tasks = createRoute({
    method: 'get',
    path: at('tasks'),
    request: {
      params: idParam,
      query: z.object({
        kind: z.enum(kinds).optional(),
        verdict: z.enum(['accepted', 'duplicate', 'refused']).optional(),
        before: z.string().optional(),
        limit: limitQuery,
      }),
    },
    responses: ok({ schema: page(schemas.taskSchema), description: 'Proposals, newest first' }),
  })
  app.openapi(tasks, async context => {
    const query = context.req.valid('query')
    const items = await library.of(context.req.valid('param').id).tasks(query)
    const next = items.length === query.limit ? (items.at(-1)?.id ?? null) : null
    return context.json({ items, next }, 200)
  })
  const metrics = createRoute({
    method: 'get',
    path: at('metrics'),
    request: {
      params: idParam,
      query: z.object({ names: z.string().default('').describe('Comma-separated; * at the end') }),
    },
    responses: ok({ schema: schemas.metricsSchema, description: 'Curves by name: [step, value]' }),
  })
  app.openapi(metrics, async context => {
    const names = context.req.valid('query').names.split(',').filter(Boolean)
    return context.json(await library.of(context.req.valid('param').id).metrics(names), 200)
  })
}

function addDetails(app: OpenAPIHono, library: Library): void {
  const at = <P extends string>(path: P) => `/api/runs/{id}/${path}` as const
  const task = createRoute({
    method: 'get',
    path: at('tasks/{task}'),
    request: { params: idParam.extend({ task: z.string() }) },
    responses: ok({ schema: schemas.taskDetail, description: 'A task, by id or hash' }),
  })
  app.openapi(task, async context => {
    const { id, task: key } = context.req.valid('param')
    const found = await library.of(id).task(key)
    if (!found) return problem(context, 404, `There is no task ${key} in run ${id}`) as never
    return context.json(found as never, 200)
  })
  const rollout = createRoute({
    method: 'get',
    path: at('rollouts/{rollout}'),
    request: { params: idParam.extend({ rollout: z.string() }) },
    responses: ok({
      schema: schemas.rolloutDetail,
      description: 'A rollout with all that it led to',
    }),
  })
  app.openapi(rollout, async context => {
    const { id, rollout: key } = context.req.valid('param')
    const found = await library.of(id).rollout(key)
    if (!found) return problem(context, 404, `There is no rollout ${key} in run ${id}`) as never
    return context.json(found as never, 200)
  })
  const evaluations = createRoute({
    method: 'get',
    path: at('evaluations'),
    request: { params: idParam },
    responses: ok({
      schema: z.object({ items: z.array(schemas.evaluationSchema) }),
      description: 'Held-out suites, oldest first',
    }),
  })
  app.openapi(evaluations, async context => {
    const items = await library.of(context.req.valid('param').id).evaluations()
    return context.json({ items }, 200)
  })
  const machines = createRoute({
    method: 'get',
    path: at('machines'),
    request: { params: idParam },
    responses: ok({
      schema: z.object({ items: z.array(schemas.machineSchema) }),
      description: 'Each actor: state, since when, deadline, last message',
    }),
  })
  app.openapi(machines, async context => {
    const items = await library.of(context.req.valid('param').id).machines()
    return context.json({ items }, 200)
  })
}

/** Messages as they are written, from `Last-Event-ID` or from now on. */
function addEvents(app: OpenAPIHono, library: Library): void {
  const route = createRoute({
    method: 'get',
    path: '/api/runs/{id}/events',
    request: {
      params: idParam,
      query: z.object({ types: z.string().default('').describe('Comma-separated; none: all') }),
    },
    responses: {
      200: {
        description: 'Server-sent events over messages.seq',
        content: { 'text/event-stream': { schema: z.string() } },
      },
      ...problems,
    },
  })
  app.openapi(route, async context => {
    const { id } = context.req.valid('param')
    const types = context.req.valid('query').types.split(',').filter(Boolean)
    await library.run(id)
    const pages = library.of(id)
    const given = Number(context.req.header('last-event-id') ?? Number.NaN)
    let seq = Number.isInteger(given) ? given : await pages.lastMessage()
    return streamSSE(context, async stream => {
      let quietMs = 0
      while (!stream.aborted) {
        const rows = await pages.messages(seq, 200, types)
        for (const row of rows) {
          seq = row.seq
          await stream.writeSSE({ id: String(seq), event: row.type, data: JSON.stringify(row) })
        }
        if (rows.length > 0) quietMs = 0
        if (rows.length === 200) continue
        if (quietMs >= keepAliveMs) {
          await stream.write(': still here\n\n')
          quietMs = 0
        }
        await stream.sleep(pollMs)
        quietMs += pollMs
      }
    }) as never
  })
}

function addCommands(app: OpenAPIHono, home: string): void {
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

/** Prometheus text. Label values are names of runs, which hold nothing that needs escaping. */
async function prometheus(library: Library): Promise<string> {
  const lines = [
    '# HELP azr_build_info The version that answers.',
    '# TYPE azr_build_info gauge',
    `azr_build_info{version="${version}"} 1`,
    '# HELP azr_run_step Last finished step of a run.',
    '# TYPE azr_run_step gauge',
  ]
  const runs = await library.runs()
  for (const { name, step } of runs) lines.push(`azr_run_step{run="${name}"} ${step ?? -1}`)
  lines.push('# HELP azr_run_alive Whether a process works on a run.', '# TYPE azr_run_alive gauge')
  for (const { name, alive } of runs) lines.push(`azr_run_alive{run="${name}"} ${alive ? 1 : 0}`)
  return `${lines.join('\n')}\n`
}

function addService(app: OpenAPIHono, library: Library): void {
  const plain = { 200: { description: 'Text', content: { 'text/plain': { schema: z.string() } } } }
  const health = createRoute({ method: 'get', path: '/healthz', responses: plain })
  app.openapi(health, context => context.text('ok\n', 200))
  const ready = createRoute({ method: 'get', path: '/readyz', responses: plain })
  app.openapi(ready, async context => {
    await library.runs()
    return context.text('ok\n', 200)
  })
  const metrics = createRoute({ method: 'get', path: '/metrics', responses: plain })
  app.openapi(metrics, async context => context.text(await prometheus(library), 200))
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'azr', version, description: 'What runs of self-play are doing.' },
  })
}

const files: Record<string, [string, string]> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/docs': ['docs.html', 'text/html; charset=utf-8'],
  '/app.js': ['app.js', 'text/javascript; charset=utf-8'],
  '/charts.js': ['charts.js', 'text/javascript; charset=utf-8'],
  '/docs.js': ['docs.js', 'text/javascript; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
}

function addPage(app: OpenAPIHono): void {
  for (const [path, [file, type]] of Object.entries(files)) {
    app.get(path, (context: Context) => {
      const text = readFileSync(join(root, 'web', file), 'utf8')
      return context.body(text, 200, { 'content-type': type, 'cache-control': 'no-cache' })
    })
  }
}

export type App = { app: OpenAPIHono; close: () => Promise<void> }

/** The app over all runs below `home`. */
export function createApp(home: string): App {
  const library = openLibrary(home)
  const app = new OpenAPIHono({
    defaultHook(result, context) {
      if (result.success) return
      const issue = result.error.issues[0]
      return problem(context, 400, `${issue?.path.join('.')}: ${issue?.message}`)
    },
  })
  app.use(guard)
  app.onError((error, context) => {
    const isMissing = error instanceof UsageError && /find run|name a run/.test(error.message)
    if (isMissing) return problem(context, 404, error.message)
    if (error instanceof UsageError) return problem(context, 409, error.message)
    return problem(context, 500, explain(error))
  })
  app.notFound(context => problem(context, 404, `There is nothing at ${context.req.path}`))
  addRuns(app, library)
  addLists(app, library)
  addDetails(app, library)
  addEvents(app, library)
  addCommands(app, home)
  addService(app, library)
  addPage(app)
  return { app, close: library.close }
}
