/** Routes for the labels of a run: its title, tags and notes. */
import { createRoute, z } from '@hono/zod-openapi'
import { labelRun } from '../../state/open.ts'
import { problems, refusals } from './problem.ts'
import { about, idParam, newRoutes } from './route.ts'

const tag = z
  .string()
  .regex(/^[^\s,]+$/, 'a tag is one word')
  .max(40)

export const labelsSchema = z
  .object({
    title: z.string().nullable().describe('Shown in place of the id, which stays its address'),
    tags: z.array(z.string()),
    notes: z.string(),
  })
  .openapi('Labels')

const change = z
  .strictObject({
    title: z.string().trim().max(100).nullable().optional().describe('null: its id again'),
    tags: z.array(tag).max(20).optional(),
    notes: z.string().max(20_000).optional(),
  })
  .openapi('LabelChange')

const route = createRoute({
  method: 'patch',
  ...about('labelRun', 'Runs', 'Rename a run, tag it, write notes on it'),
  path: '/api/runs/{id}',
  description:
    'Changes what is given and keeps the rest. Labels lie beside the run and are none of its facts',
  request: {
    params: idParam,
    body: { content: { 'application/json': { schema: change } }, required: true },
  },
  responses: {
    200: {
      description: 'The labels as they are now',
      content: { 'application/json': { schema: labelsSchema } },
    },
    ...problems,
    ...refusals,
  },
})

export const labelRoutes = (home: string) =>
  newRoutes().openapi(route, context => {
    const { title, tags, notes } = context.req.valid('json')
    const labels = labelRun(home, context.req.valid('param').id, {
      ...(title === undefined ? {} : { title: title || null }),
      ...(tags === undefined ? {} : { tags: [...new Set(tags)] }),
      ...(notes === undefined ? {} : { notes }),
    })
    return context.json(labels, 200)
  })
