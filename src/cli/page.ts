/** Where the page is served: the flags of it, and what is said of it. */
import type { HttpServer, ServeOptions } from '../http/serve.ts'
import { type Args, type FlagSpec, numberOf } from './args.ts'

export const serveFlags: Record<string, FlagSpec> = {
  port: { value: 'N', about: 'that port, or an error; default: the first free one from 4780' },
  host: { value: 'ADDRESS', about: 'where to serve; beyond loopback a token is asked for' },
  token: { value: 'TOKEN', about: 'that token (AZR_TOKEN); default: one is made up and printed' },
}

export function serveOptions(args: Args, home: string): ServeOptions {
  const token = args.flags.get('token') ?? process.env.AZR_TOKEN
  return { home, port: numberOf(args, 'port'), host: args.flags.get('host'), token }
}

/** The token stands behind the #, which no browser sends to a server or leaves in a log. */
export function pageLines({ url, token }: HttpServer): string[] {
  return token === null ? [`page ${url}`] : [`page ${url}#token=${token}`]
}
