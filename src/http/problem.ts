/** Errors as `application/problem+json` (RFC 9457): handlers throw, one place answers. */
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'

const titles = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Content too large',
  415: 'Unsupported media type',
  422: 'Unprocessable content',
  500: 'Internal error',
  503: 'Busy',
}
export type ProblemStatus = keyof typeof titles

/** What a request is answered with in place of what it asked for. */
export class Problem extends Error {
  override name = 'Problem'
  readonly status: ProblemStatus
  constructor(status: ProblemStatus, detail: string) {
    super(detail)
    this.status = status
  }
}

export const problemSchema = z
  .object({ type: z.string(), title: z.string(), status: z.int(), detail: z.string() })
  .openapi('Problem')

export function problem(context: Context, status: ProblemStatus, detail: string): Response {
  const body = { type: 'about:blank', title: titles[status], status, detail }
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' })
}

const described = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
})

/** What any route may answer. */
export const problems = {
  400: described('What was asked for cannot be read'),
  401: described('The bearer token is missing or wrong'),
  403: described('The request came from elsewhere'),
  404: described('There is no such thing'),
  500: described('azr failed: a bug'),
}
/** What routes that change something may answer as well. */
export const refusals = {
  409: described('It cannot be done as things stand; the detail says what to do instead'),
  413: described('The body is too long'),
  415: described('The body is not application/json'),
  422: described('The body is JSON, but not what this route takes'),
}
/** What streams may answer as well. */
export const crowded = { 503: described('As many listen already as are served') }
