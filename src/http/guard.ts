/**
 * Decides which requests are answered. A foreign web page can make a browser send requests here;
 * its host name (DNS rebinding) or its origin gives it away. Beyond loopback a bearer token is
 * required, and never a cookie, which browsers would send by themselves. Answers forbid the browser
 * to load anything from elsewhere.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { hostname } from 'node:os'
import type { Context, MiddlewareHandler } from 'hono'
import { isLoopback } from '../../lib/loopback.ts'
import { Problem } from './problem.ts'
import { type Names, noNames } from './public.ts'

/** `token` is null on loopback. */
export type Access = { token: string | null; names?: Names }

/** Rebinding needs a name that the attacker owns. An address or our own name is not one. */
const address = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/

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

export const headers: Record<string, string> = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
}

/** Compares digests, so that neither time nor length reveals the token. */
function isToken(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}

function isOwnHost(host: string, { token, names = noNames }: Access): boolean {
  const name = host.replace(/:\d+$/, '')
  if (isLoopback(name) || names.hosts.includes(name) || names.publicUrl?.name === name) return true
  return token !== null && (address.test(name) || name === hostname().toLowerCase())
}

/** A proxy may have replaced the name that the browser asked for. */
function isOwnOrigin(origin: string, host: string, { publicUrl }: Names): boolean {
  if (origin === publicUrl?.origin) return true
  try {
    return new URL(origin).host === host
  } catch {
    return false
  }
}

/** Whether another page embeds or fetches this. Following a link is harmless. */
function isEmbedded(site: string | undefined, mode: string | undefined): boolean {
  return (site === 'cross-site' || site === 'same-site') && mode !== 'navigate'
}

/** The page itself has no secrets. It asks its reader for the token. */
const isOpen = (path: string) => !/^\/(api\/|metrics$|openapi\.json$)/.test(path)

/** The requested name. Browsers write names in lower case. */
function hostOf({ req }: Context, { trustsForwarded }: Names): string {
  const forwarded = trustsForwarded ? req.header('x-forwarded-host')?.split(',')[0]?.trim() : ''
  return (forwarded || req.header('host') || new URL(req.url).host).toLowerCase()
}

export const guard =
  (access: Access): MiddlewareHandler =>
  async (context, next) => {
    const { names = noNames } = access
    const host = hostOf(context, names)
    if (!isOwnHost(host, access)) {
      throw new Problem(
        403,
        'api-forbidden',
        `Cannot answer for host ${host}: use localhost, or allow it with --public-url or ` +
          '--allow-host',
      )
    }
    const origin = context.req.header('origin')
    if (origin !== undefined && !isOwnOrigin(origin, host, names)) {
      throw new Problem(
        403,
        'api-forbidden',
        `Cannot answer the page at ${origin} as it is another site`,
      )
    }
    if (isEmbedded(context.req.header('sec-fetch-site'), context.req.header('sec-fetch-mode'))) {
      throw new Problem(403, 'api-forbidden', 'Cannot answer a page of another origin')
    }
    const { token } = access
    if (token !== null && !isOpen(context.req.path)) {
      const given = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? ''
      if (!isToken(given, token)) {
        context.header('www-authenticate', 'Bearer')
        throw new Problem(
          401,
          'api-token',
          'Send the token that azr printed: authorization: Bearer TOKEN',
        )
      }
    }
    await next()
  }
