/** The flags that say where the page is served, and the lines about it. */
import { readHosts, readPublicUrl } from '../http/public.ts'
import type { HttpServer, ServeOptions } from '../http/serve.ts'
import { type Args, type FlagSpec, numberOf } from './args.ts'

export const serveFlags: Record<string, FlagSpec> = {
  port: { value: 'N', about: 'use this port, or fail; default: the first free one from 4780' },
  host: { value: 'ADDRESS', about: 'address to serve on; beyond loopback a token is required' },
  'public-url': {
    value: 'URL',
    about:
      'address at which a proxy shows it, such as https://azr.example.com/base; requires a token',
  },
  'allow-host': { value: 'NAME,…', about: 'other names of this server; require a token' },
  'trust-forwarded': { about: 'trust the x-forwarded-host of your own proxy' },
  token: {
    value: 'TOKEN',
    about: 'use this token (AZR_TOKEN); default: one is generated and printed',
  },
}

export function serveOptions(args: Args, home: string): ServeOptions {
  const token = args.flags.get('token') ?? process.env.AZR_TOKEN
  const publicUrl = args.flags.get('public-url')
  const hosts = args.flags.get('allow-host')
  const names = {
    publicUrl: publicUrl === undefined ? null : readPublicUrl(publicUrl),
    hosts: hosts === undefined ? [] : readHosts(hosts),
    trustsForwarded: args.flags.has('trust-forwarded'),
  }
  return { home, port: numberOf(args, 'port'), host: args.flags.get('host'), token, names }
}

/** The token is after the #, which browsers neither send to a server nor log. */
export function pageLines({ url, local, token }: HttpServer): string[] {
  const listens = url === local ? [] : [`listens at ${local}`]
  return [token === null ? `page ${url}` : `page ${url}#token=${token}`, ...listens]
}
