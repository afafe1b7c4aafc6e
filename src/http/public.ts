/** The names under which the page may be reached: loopback, and those that its owner gave. Pure. */
import { UsageError } from '../../domain/errors.ts'

/** `base` is the path below which a proxy serves the page, such as `/base`; '' for none. */
export type PublicUrl = { origin: string; name: string; base: string }

export type Names = {
  publicUrl: PublicUrl | null
  /** Names without a port. */
  hosts: readonly string[]
  /** Whether x-forwarded-host counts: only your own proxy can be trusted. */
  trustsForwarded: boolean
}

export const noNames: Names = { publicUrl: null, hosts: [], trustsForwarded: false }

const hostName =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$|^\[[0-9a-f:.]+\]$/

/**
 * The first parts of azr's own paths. Below a base with such a name `/api/runs` would have two
 * meanings, as a proxy may keep the base or remove it.
 */
const ownPaths = ['api', 'docs', 'healthz', 'metrics', 'openapi.json', 'readyz']

export function readPublicUrl(text: string): PublicUrl {
  const url = URL.canParse(text) ? new URL(text) : null
  const isPlain = url && !url.search && !url.hash && !url.username && !url.password
  if (!isPlain || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      'flag-value',
      `Cannot use --public-url ${text}: it has to be a whole address, such as ` +
        'https://azr.example.com/base',
    )
  }
  const base = url.pathname.replace(/\/+$/, '')
  const [, first = ''] = base.split('/')
  if (ownPaths.includes(first)) {
    throw new UsageError(
      'flag-value',
      `Cannot use --public-url ${text} as /${first} is a path of azr itself: choose another, ` +
        `such as ${url.origin}/azr`,
    )
  }
  return { origin: url.origin, name: url.hostname.toLowerCase(), base }
}

export function readHosts(text: string): string[] {
  return text.split(',').map(one => {
    const name = one.trim().toLowerCase()
    if (hostName.test(name)) return name
    throw new UsageError(
      'flag-value',
      `Cannot use --allow-host ${one}: it takes names without a port, such as ` +
        'azr,azr.example.com',
    )
  })
}

/** The path without the base, which a proxy may keep or remove. */
export function within(path: string, { publicUrl }: Names): string {
  const base = publicUrl?.base ?? ''
  if (base === '' || !path.startsWith(`${base}/`)) return path
  return path.slice(base.length)
}
