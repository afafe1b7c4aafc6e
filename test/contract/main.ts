/** `npm run test:contract`: schemathesis against the API's own OpenAPI document. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { statecharts } from '../../actors/statecharts.ts'
import { UsageError } from '../../domain/errors.ts'
import { root } from '../../src/config/paths.ts'
import { createApp } from '../../src/http/app.ts'
import { listen } from '../../src/http/server.ts'
import { makeRun } from '../web/made-run.ts'

const release = 'schemathesis==4.32.5'
const help = `npm run test:contract [-- --examples N --seed N]

Asks the API whatever its OpenAPI document allows, and what it does not, over a run made of rows and
one that was recorded. Fails on any 5xx, on any answer that is not as described, on bad requests that
are taken and good ones that are refused. Nothing is started: what begins a run is a stand-in. The
stream of events never ends, so it is left to test/http/events.test.ts. Takes two minutes.
Installs ${release} into .azr/schemathesis once (SCHEMATHESIS names another one).

  --examples N   requests of each kind to each route (50)
  --seed N       of what is asked (1)
`

const { values } = parseArgs({
  options: {
    examples: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(help)
  process.exit(0)
}

function install(): string {
  if (process.env.SCHEMATHESIS) return process.env.SCHEMATHESIS
  const folder = join(root, '.azr', 'schemathesis')
  const program = join(folder, 'bin', 'schemathesis')
  if (existsSync(program)) return program
  process.stdout.write(`installing ${release} into .azr/schemathesis\n`)
  const run = (command: string, args: string[]) => {
    const { status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    if (status === 0) return
    rmSync(folder, { recursive: true, force: true })
    process.stderr.write(`Cannot install ${release}: SCHEMATHESIS=PATH names one that is there\n`)
    process.exit(1)
  }
  run('python3', ['-m', 'venv', folder])
  run(join(folder, 'bin', 'pip'), ['install', '--quiet', release])
  return program
}

/** Once with an existing run, to get rows, and once with any names. */
const passes = [
  { name: 'a recorded run', id: 'recorded', phases: 'examples,coverage,fuzzing' },
  { name: 'a run made of rows', id: 'made', phases: 'fuzzing' },
  { name: 'any name', id: null, phases: 'examples,coverage' },
]

const program = install()
const home = mkdtempSync(join(tmpdir(), 'azr-contract-'))
await makeRun(home, 'made', 'def f(a):\n return a')
mkdirSync(join(home, 'recorded'))
const recorded = readFileSync(join(root, 'test', 'fixtures', 'stored-run', 'run.db.gz'))
writeFileSync(join(home, 'recorded', 'run.db'), gunzipSync(recorded))
const launch = async (_: string, words: string[]) => {
  if (words.length % 2 === 0)
    throw new UsageError('start-failed', 'Cannot begin a run: this is a stand-in')
  return 4711
}
const { app, close } = createApp({ home, launch, charts: statecharts() })
let failed = 0
const server = await listen(app, { host: '127.0.0.1', port: undefined })
try {
  for (const { name, id, phases } of passes) {
    process.stdout.write(`\n${name}\n`)
    const config = join(home, 'schemathesis.toml')
    writeFileSync(config, id === null ? '' : `[parameters]\n"path.id" = "${id}"\n`)
    const args = [
      '--config-file',
      config,
      'run',
      `${server.url}openapi.json`,
      '--phases',
      phases,
      '--checks',
      'all',
      '--exclude-checks',
      'ignored_auth',
      '--exclude-path',
      '/api/runs/{id}/events',
      '--request-timeout',
      '20',
      '--max-examples',
      values.examples,
      '--seed',
      values.seed,
      '--continue-on-failure',
      '--suppress-health-check',
      'all',
      '--no-color',
    ]
    const child = spawn(program, args, { stdio: 'inherit', cwd: home })
    const [code] = await once(child, 'exit')
    if (code !== 0) failed += 1
  }
} finally {
  await server.close()
  await close()
  rmSync(home, { recursive: true, force: true })
}
process.stdout.write(`${passes.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 ? 1 : 0
