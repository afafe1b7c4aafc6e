/** Errors as `application/problem+json` (RFC 9457). Handlers throw, and one place answers. */
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { AzrError } from '../../domain/errors.ts'
import type { Code } from '../../domain/trouble/index.ts'

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

/** An error with the HTTP status that the request is answered with. */
export class Problem extends AzrError {
  readonly status: ProblemStatus
  constructor(status: ProblemStatus, code: Code, detail: string) {
    super(code, detail)
    this.status = status
  }
}

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable; docs/how-to/troubleshooting.md explains each'),
    detail: z.string(),
  })
  .openapi('Problem')

export function problem(
  context: Context,
  status: ProblemStatus,
  code: Code,
  detail: string,
): Response {
  const body = { type: 'about:blank', title: titles[status], status, code, detail }
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' })
}

const described = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
})

/** Errors that any route may answer with. */
export const problems = {
  400: described('The path or the query cannot be read'),
  401: described('The bearer token is missing or wrong'),
  403: described('The request came from another site or names another host'),
  404: described('There is no such run, row or path'),
  500: described('azr failed because of a bug'),
}
/** Further errors of routes that change something. */
export const refusals = {
  409: described('The run is not in a state for this; the detail says what to do instead'),
  413: described('The body is too long'),
  415: described('The body is not application/json'),
  422: described('The body is JSON, but does not fit this route'),
}
/** A further error of streams. */
export const crowded = { 503: described('Too many readers follow streams already') }
