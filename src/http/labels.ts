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
    title: z.string().nullable().describe('Shown instead of the id, which stays its address'),
    tags: z.array(z.string()),
    notes: z.string(),
  })
  .openapi('Labels')

const change = z
  .strictObject({
    title: z.string().trim().max(100).nullable().optional().describe('null removes the title'),
    tags: z.array(tag).max(20).optional(),
    notes: z.string().max(20_000).optional(),
  })
  .openapi('LabelChange')

const route = createRoute({
  method: 'patch',
  ...about('labelRun', 'Runs', "Change a run's title, tags and notes"),
  path: '/api/runs/{id}',
  description:
    'Changes the given labels and keeps the others. Labels are stored next to the run and are ' +
    'not among its facts',
  request: {
    params: idParam,
    body: { content: { 'application/json': { schema: change } }, required: true },
  },
  responses: {
    200: {
      description: 'The current labels',
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
