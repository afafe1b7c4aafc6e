import { resolve } from 'node:path'
import { startServer } from '../http/server.ts'
import { type Args, type CommandSpec, homeOf, numberOf } from './args.ts'

export const spec: CommandSpec = {
  name: 'serve',
  summary: 'Opens the page and the API over all runs below the home, until Ctrl-C.',
  positions: [],
  flags: {
    port: { value: 'N', about: 'that port, or an error; default: the first free one from 4780' },
  },
}

export async function run(args: Args): Promise<number> {
  const server = await startServer({ home: resolve(homeOf(args)), port: numberOf(args, 'port') })
  process.stderr.write(`page ${server.url}\n`)
  const code = await new Promise<number>(done => {
    process.once('SIGINT', () => done(130))
    process.once('SIGTERM', () => done(143))
  })
  await server.close()
  return code
}
