/** `azr docs`: builds the documentation if it is stale, and serves it on loopback. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../config/paths.ts'
import { docsSite } from '../http/docs-site.ts'
import { listen } from '../http/server.ts'
import { type Args, type CommandSpec, numberOf } from './args.ts'

export const spec: CommandSpec = {
  name: 'docs',
  summary: 'Opens the documentation, with search, on this machine only, until Ctrl-C.',
  positions: [],
  flags: {
    port: { value: 'N', about: 'use this port, or fail; default: the first free one from 4780' },
    build: { about: 'build the site in docs/.vitepress/dist and exit' },
  },
  detail:
    'The first time it installs VitePress (100 MB, in docs/node_modules) and builds the site ' +
    'in half a minute. Later it builds only if a page has changed. You can also read the ' +
    'pages as plain files: docs/index.md lists them.',
}

export async function run(args: Args): Promise<number> {
  const command = ['setup', 'scripts/setup.ts', 'docs']
  const { status } = spawnSync(join(root, 'scripts/launch'), command, { stdio: 'inherit' })
  if (status !== 0 || args.flags.has('build')) return status ?? 1
  const app = docsSite(join(root, 'docs', '.vitepress', 'dist'))
  const server = await listen(app, { host: '127.0.0.1', port: numberOf(args, 'port') })
  process.stderr.write(`docs ${server.url}\n`)
  const code = await new Promise<number>(done => {
    process.once('SIGINT', () => done(130))
    process.once('SIGTERM', () => done(143))
  })
  await server.close()
  return code
}
