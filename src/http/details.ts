/** One task, one rollout, the evaluations, the machines. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Library } from '../../state/pages.ts'
import { problem } from './problem.ts'
import { idParam, ok } from './route.ts'
import * as schemas from './schemas.ts'

export function addDetails(app: OpenAPIHono, library: Library): void {
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
