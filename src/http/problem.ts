/** Errors as `application/problem+json` (RFC 9457). */
import type { Context } from 'hono'
import { z } from 'zod'

export const problemSchema = z
  .object({ type: z.string(), title: z.string(), status: z.int(), detail: z.string() })
  .meta({ id: 'Problem' })

export function problem(context: Context, status: 400 | 403 | 404 | 409 | 500, detail: string) {
  const titles = {
    400: 'Bad request',
    403: 'Forbidden',
    404: 'Not found',
    409: 'Conflict',
    500: 'Internal error',
  }
  const body = { type: 'about:blank', title: titles[status], status, detail }
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' })
}

export const problems = {
  400: { description: 'What was asked for cannot be read' },
  403: { description: 'The request came from elsewhere' },
  404: { description: 'There is no such thing' },
}
