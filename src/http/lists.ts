/** What a run holds, as lists by cursor and as curves. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Library } from '../../state/pages.ts'
import { kinds } from '../domain/task.ts'
import { idParam, limitQuery, ok, page } from './route.ts'
import * as schemas from './schemas.ts'

export function addLists(app: OpenAPIHono, library: Library): void {
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
