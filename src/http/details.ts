/** Routes for one task, one rollout, and the actors with their charts. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Chart } from '../../actors/statecharts.ts'
import { camel } from '../../lib/camel.ts'
import type { Library } from '../../state/pages.ts'
import { rolloutDetail, taskDetail } from './detail-schemas.ts'
import { Problem } from './problem.ts'
import { about, idParam, key, list, newRoutes, ok, until } from './route.ts'
import { machineSchema } from './schemas.ts'
import { tokensOf } from './vocabulary.ts'

const get = { method: 'get' } as const

const task = createRoute({
  ...get,
  ...about('getTask', 'Tasks', 'Get a task with its answers'),
  path: '/api/runs/{id}/tasks/{task}',
  request: { params: idParam.extend({ task: key }) },
  responses: ok(taskDetail, 'A task, by id or hash'),
})

const rollout = createRoute({
  ...get,
  ...about('getRollout', 'Tasks', 'Get a completion token by token'),
  path: '/api/runs/{id}/rollouts/{rollout}',
  request: { params: idParam.extend({ rollout: key }) },
  responses: ok(rolloutDetail, 'A rollout, with its prompt, grade, executions and advantage'),
})

const machines = createRoute({
  ...get,
  ...about('listMachines', 'Health', "List the activity of a run's actors"),
  path: '/api/runs/{id}/machines',
  request: { params: idParam, query: z.strictObject({ until }) },
  responses: ok(
    list(machineSchema).extend({
      atMs: z
        .number()
        .nullable()
        .describe('The time of the shown states: the end of the step; null for now'),
    }),
    'Each actor: state, since when, deadline, last message',
  ),
})

const state = z.object({
  id: z.string().describe('Names from the outermost state inwards, dotted'),
  to: z.array(z.object({ event: z.string(), target: z.string() })),
})
const chart = z.object({ actor: z.string(), states: z.array(state) }).openapi('Statechart')

const statecharts = createRoute({
  ...get,
  ...about('listStatecharts', 'Catalogue', 'List the actors as state machines'),
  path: '/api/statecharts',
  responses: ok(list(chart), 'The machines of the actors: states and transitions'),
})

export const detailRoutes = (library: Library, charts: Chart[]) =>
  newRoutes()
    .openapi(task, async context => {
      const { id, task: key } = context.req.valid('param')
      const found = await library.of(id).task(key)
      if (!found) throw new Problem(404, 'row-unknown', `There is no task ${key} in run ${id}`)
      return context.json(camel(found) as z.infer<typeof taskDetail>, 200)
    })
    .openapi(rollout, async context => {
      const { id, rollout: key } = context.req.valid('param')
      const found = await library.of(id).rollout(key)
      if (!found) throw new Problem(404, 'row-unknown', `There is no rollout ${key} in run ${id}`)
      const { config } = (await library.run(id)).run
      const { model } = config as { model?: { path?: string } }
      const tokens = tokensOf(model?.path ?? '', found.ids)
      return context.json({ ...camel(found), tokens } as z.infer<typeof rolloutDetail>, 200)
    })
    .openapi(machines, async context => {
      const pages = library.of(context.req.valid('param').id)
      const { until } = context.req.valid('query')
      const atMs = until === undefined ? null : await pages.endedMs(until)
      return context.json({ items: camel(await pages.machines(until)), atMs }, 200)
    })
    .openapi(statecharts, context => context.json({ items: charts }, 200))
