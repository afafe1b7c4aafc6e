/** The app on a loopback socket: on the port that was asked for, or on the first free one. */
import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import { UsageError } from '../errors.ts'
import { createApp } from './app.ts'

const firstPort = 4780
const tries = 100
const hostname = '127.0.0.1'

export type HttpServer = { url: string; close: () => Promise<void> }

type Fetch = Parameters<typeof serve>[0]['fetch']

function listen(fetch: Fetch, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, port, hostname }, () => resolve(server as Server)) as Server
    server.once('error', reject)
  })
}

const isBusy = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EADDRINUSE'

async function listenSomewhere(fetch: Fetch, wanted: number | undefined): Promise<Server> {
  if (wanted !== undefined) {
    return listen(fetch, wanted).catch(error => {
      if (!isBusy(error)) throw error
      throw new UsageError(
        `Cannot serve on port ${wanted} as something listens there: choose another with --port, ` +
          'or leave it out for the first free one',
        { cause: error },
      )
    })
  }
  for (let port = firstPort; ; port++) {
    try {
      return await listen(fetch, port)
    } catch (error) {
      if (!isBusy(error) || port >= firstPort + tries) throw error
    }
  }
}

export async function startServer(options: {
  home: string
  port: number | undefined
}): Promise<HttpServer> {
  const { app, close } = createApp(options.home)
  try {
    const server = await listenSomewhere(app.fetch as Fetch, options.port)
    const { port } = server.address() as { port: number }
    return {
      url: `http://${hostname}:${port}/`,
      async close() {
        server.closeAllConnections()
        await new Promise(resolve => server.close(resolve))
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
