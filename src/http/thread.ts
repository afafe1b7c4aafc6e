/** The thread of the API and the page: composes the app, listens, and ends on request. */
import { parentPort, workerData } from 'node:worker_threads'
import { statecharts } from '../../actors/statecharts.ts'
import { told } from '../../domain/errors.ts'
import { createApp } from './app.ts'
import { startDetached } from './detached.ts'
import type { ThreadData, ThreadSays } from './serve.ts'
import { listen } from './server.ts'

const { home, host, port, token, names } = workerData as ThreadData
const say = (said: ThreadSays) => parentPort?.postMessage(said)

const { app, close } = createApp({
  home,
  access: { token, names },
  launch: startDetached,
  charts: statecharts(),
})
try {
  const server = await listen(app, { host, port })
  parentPort?.once('message', async () => {
    await server.close()
    await close()
    parentPort?.close()
  })
  say({ url: server.url })
} catch (error) {
  await close()
  say({ error: told(error) })
  parentPort?.close()
}
