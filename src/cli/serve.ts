import { startServer } from '../http/serve.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'
import { pageLines, serveFlags, serveOptions } from './page.ts'

export const spec: CommandSpec = {
  name: 'serve',
  summary: 'Opens the page and the API for all runs in the home folder, until Ctrl-C.',
  positions: [],
  flags: serveFlags,
  detail:
    'Beyond loopback every request needs the token; it is printed once. Behind a proxy: docs/reference/page.md.',
}

export async function run(args: Args): Promise<number> {
  const server = await startServer(serveOptions(args, homeOf(args)))
  for (const line of pageLines(server)) process.stderr.write(`${line}\n`)
  const code = await new Promise<number>(done => {
    process.once('SIGINT', () => done(130))
    process.once('SIGTERM', () => done(143))
  })
  await server.close()
  return code
}
