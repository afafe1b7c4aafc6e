/** What the routes have in common. */
import { z } from '@hono/zod-openapi'
import { problems } from './problem.ts'

export const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) })
export const limitQuery = z.coerce.number().int().min(1).max(500).default(100)

type Json = { schema: z.ZodType; description: string }
export const ok = ({ schema, description }: Json) => ({
  200: { description, content: { 'application/json': { schema } } },
  ...problems,
})

export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable().describe('Cursor of what follows') })
