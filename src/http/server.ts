/** Serves an app on a socket: on the requested port, or on the first free one. */
import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import { UsageError } from '../../domain/errors.ts'

const firstPort = 4780
const tries = 100
/** A socket that takes nothing for this long is closed. Streams send something more often. */
const silenceMs = 45_000
const requestMs = 30_000
/** The size of the largest body, so that the schema refuses a long address, with the reason. */
const mostHeadBytes = 64 * 1024

type Fetch = Parameters<typeof serve>[0]['fetch']
export type Place = { host: string; port: number | undefined }

function listenAt(fetch: Fetch, port: number, hostname: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const serverOptions = { maxHeaderSize: mostHeadBytes }
    const options = { fetch, port, hostname, serverOptions }
    const server = serve(options, () => resolve(server as Server)) as Server
    server.requestTimeout = requestMs
    server.setTimeout(silenceMs)
    server.once('error', reject)
  })
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code

async function listenSomewhere(fetch: Fetch, { host, port: wanted }: Place): Promise<Server> {
  for (let port = wanted ?? firstPort; ; port++) {
    try {
      return await listenAt(fetch, port, host)
    } catch (error) {
      const isBusy = codeOf(error) === 'EADDRINUSE'
      if (isBusy && wanted === undefined && port < firstPort + tries) continue
      const why = isBusy ? 'another program uses it' : `${host} gives ${codeOf(error) ?? error}`
      throw new UsageError(
        'port-taken',
        `Cannot serve on port ${port} as ${why}: choose another with --port, ` +
          'or leave it out for the first free one',
        { cause: error },
      )
    }
  }
}

export type Listening = { url: string; close: () => Promise<void> }

export async function listen(app: { fetch: unknown }, place: Place): Promise<Listening> {
  const server = await listenSomewhere(app.fetch as Fetch, place)
  const { port } = server.address() as { port: number }
  const host = place.host.includes(':') ? `[${place.host}]` : place.host
  return {
    url: `http://${host}:${port}/`,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
