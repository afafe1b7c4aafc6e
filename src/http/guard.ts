/**
 * Who may ask. A page elsewhere on the web can make a browser send requests to loopback: its host
 * name gives it away, or its origin. Answers tell the browser to load nothing from elsewhere.
 */
import type { MiddlewareHandler } from 'hono'
import { problem } from './problem.ts'

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export const guard: MiddlewareHandler = async (context, next) => {
  const host = context.req.header('host') ?? new URL(context.req.url).host
  if (!loopback.test(host)) {
    return problem(context, 403, `Cannot answer for host ${host}: ask for localhost`)
  }
  const origin = context.req.header('origin')
  if (origin !== undefined && !isOwn(origin)) {
    return problem(context, 403, `Cannot answer a page of ${origin}`)
  }
  await next()
  context.header('content-security-policy', policy)
  context.header('x-content-type-options', 'nosniff')
  context.header('referrer-policy', 'no-referrer')
  context.header('cross-origin-resource-policy', 'same-origin')
}

function isOwn(origin: string): boolean {
  try {
    return loopback.test(new URL(origin).host)
  } catch {
    return false
  }
}
