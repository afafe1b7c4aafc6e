/**
 * `npm run ok`: the whole gate. Each check counts as a test, and the last line is `N passed, N
 * failed`. `--ci` adds the real vLLM, a real run under Node and the same under Deno.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { lastLine } from '../lib/formats.ts'
import { root } from '../src/config/paths.ts'

const bin = (name: string) => join(root, 'node_modules', '.bin', name)
const script = (name: string) => join(root, 'scripts', `${name}.ts`)
const node = process.execPath
const python = join(root, '.venv', 'bin', 'python')
const env = {
  ...process.env,
  PATH: `${join(node, '..')}:${process.env.PATH}`,
  DO_NOT_TRACK: '1',
  DENO_NO_UPDATE_CHECK: '1',
  NO_COLOR: '1',
}

const isCi = process.argv.includes('--ci')

let passed = 0
let failed = 0

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function check(name: string, command: string, args: string[]): void {
  const begun = Date.now()
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8' })
  const seconds = `${((Date.now() - begun) / 1000).toFixed(1)} s`
  if (status === 0) passed += 1
  else failed += 1
  say(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds})`)
  if (status !== 0) say(`${stdout}${stderr}`)
}

const engineMinutes = 5
const engineBytes = 12 * 2 ** 30

/**
 * Installs vLLM for its tests if the machine has room: two servers next to everything else take 8
 * GB. Otherwise, or with AZR_CI_ENGINE=0, these tests are skipped and counted as skipped.
 */
function setUpEngine(): string {
  if (process.env.AZR_CI_ENGINE === '0') return "vLLM's tests are skipped: AZR_CI_ENGINE is 0"
  if (totalmem() < engineBytes) return "vLLM's tests are skipped: less than 12 GB of memory"
  const begun = Date.now()
  const { status, stderr } = spawnSync(node, [script('setup'), 'engine', '--device', 'cpu'], {
    cwd: root,
    env,
    encoding: 'utf8',
    timeout: engineMinutes * 60_000,
  })
  if (status !== 0) return `vLLM's tests are skipped: ${lastLine(stderr)}`
  return `vLLM is set up for its tests (${Math.round((Date.now() - begun) / 1000)} s)`
}

/** Adds the counts of the test runner. */
function test(...args: string[]): void {
  const { status, stdout } = spawnSync(node, [script('run-tests'), ...args], {
    cwd: root,
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  say(stdout)
  const [, good, bad] = /(\d+) passed, (\d+) failed\s*$/.exec(stdout) ?? []
  passed += Number(good ?? 0)
  failed += Number(bad ?? (status === 0 ? 0 : 1))
}

/** A short real run under each runtime. Compares their facts table by table. */
function selfPlay(): void {
  const home = mkdtempSync(join(tmpdir(), 'azr-gate-'))
  const main = join('src', 'cli', 'main.ts')
  const args = (name: string) => [
    main,
    'train',
    'smoke',
    '--run',
    name,
    '--home',
    home,
    '--no-serve',
  ]
  check('self-play under Node', node, args('node'))
  check('self-play under Deno', bin('deno'), ['run', '-A', ...args('deno')])
  const folders = [join(home, 'node'), join(home, 'deno')]
  check('the same facts under both', node, [join('scripts', 'compare-runs.ts'), ...folders])
  const again = ['run', '-A', main, 'replay', 'node', '--home', home]
  check('the run of Node replayed under Deno', bin('deno'), again)
  rmSync(home, { recursive: true, force: true })
}

if (!existsSync(python)) {
  process.stderr.write('Cannot check anything before the set-up: run npm run ok\n')
  process.exit(1)
}
check('format and lint of TypeScript', bin('biome'), ['ci', '.'])
const ruff = (...args: string[]) => ['-m', 'ruff', ...args]
const style = ['--config', join('trainer', 'pyproject.toml')]
check('lint of Python: trainer', python, ruff('check', 'trainer'))
check('lint of Python: sandbox', python, ruff('check', ...style, 'sandbox', 'src'))
check('format of Python', python, ruff('format', '--check', ...style, 'trainer', 'sandbox', 'src'))
check('types', bin('tsc'), [])
check('types of the page', bin('tsc'), ['-p', 'web'])
check('pages made from the code', node, [join('scripts', 'write-docs.ts'), '--check'])
test()
if (isCi) say(setUpEngine())
test('--project', 'long', '--project', 'vllm')
if (isCi) selfPlay()
say(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
