/**
 * `npm test`: runs vitest and pytest in parallel. The last line is `N passed, N failed`. Arguments
 * go to vitest (`npm test -- test/domain`), and then pytest is left out. `--project long` also runs
 * the tests that pytest marks as long. A folder that a test leaves behind counts as a failure.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../src/config/paths.ts'

type Tally = { passed: number; failed: number }

const folder = mkdtempSync(join(tmpdir(), 'azr-tests-'))
/** The folder for the tests' own folders. The sandbox has to be able to read it. */
const temporary = join(folder, 'tmp')
mkdirSync(temporary)
chmodSync(folder, 0o755)
chmodSync(temporary, 0o1777)

/**
 * Runs a command to its end. In parallel with another it has lower priority, and its output is held
 * back.
 */
async function run(command: string, args: string[], isBeside = false) {
  const threads = { OMP_NUM_THREADS: '1', OMP_WAIT_POLICY: 'PASSIVE' }
  // Tests start temporary files, whose compiled form would only fill the usual compile cache.
  const places = { TMPDIR: temporary, NODE_COMPILE_CACHE: join(folder, 'compiled') }
  const env = { ...process.env, ...threads, ...places }
  const sink = isBeside ? 'pipe' : 'inherit'
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', sink, sink] })
  if (isBeside && child.pid !== undefined) setPriority(child.pid, 5)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const status = await once(child, 'close').then(
    ([code]) => (code ?? 1) as number,
    () => 127,
  )
  return { status, said }
}

/** A runner that failed without counting a failure has one failure. */
function settle(tally: Tally, status: number): Tally {
  return status !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally
}

async function vitest(args: string[]): Promise<Tally> {
  const report = join(folder, 'vitest.json')
  const entry = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { status } = await run(process.execPath, [entry, 'run', ...reporters, ...args])
  if (!existsSync(report)) return { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
    readFileSync(report, 'utf8'),
  )
  if (numPendingTests > 0 && !existsSync(join(root, '.venv-engine', '.setup'))) {
    const cure = 'the tests of the real vLLM need `azr setup engine --device cpu`'
    process.stdout.write(`${numPendingTests} skipped: ${cure}\n`)
  }
  return settle({ passed: numPassedTests, failed: numFailedTests }, status)
}

async function pytest(marked: 'long' | 'not long'): Promise<Tally & { said: string }> {
  const report = join(folder, 'pytest.xml')
  const python = join(root, '.venv', 'bin', 'python')
  const config = join(root, 'trainer', 'pyproject.toml')
  const folders = ['trainer/tests', 'sandbox/tests']
  const args = ['-m', 'pytest', '-c', config, '--rootdir', 'trainer', '-m', marked, ...folders]
  const all = [...args, `--junitxml=${report}`, '-p', 'no:cacheprovider']
  const { status, said } = await run(python, all, true)
  if (!existsSync(report)) return { passed: 0, failed: 1, said }
  const counts = readFileSync(report, 'utf8').match(/<testsuite [^>]*>/)?.[0] ?? ''
  const count = (name: string) => Number(new RegExp(`${name}="(\\d+)"`).exec(counts)?.[1] ?? 0)
  const failed = count('errors') + count('failures')
  return { ...settle({ passed: count('tests') - failed - count('skipped'), failed }, status), said }
}

/** Runs both in parallel. */
async function both(args: string[], marked: 'long' | 'not long'): Promise<Tally[]> {
  const python = pytest(marked)
  const typescript = await vitest(args)
  const { said, ...tally } = await python
  process.stdout.write(said)
  return [typescript, tally]
}

/** Without arguments what a change needs: the long ones are `npm run test:long` and `test:vllm`. */
async function runAll(args: string[]): Promise<Tally[]> {
  if (args.length === 0) return both(['--project', 'parts', '--project', 'whole'], 'not long')
  const isLong = args.some((arg, i) => arg === 'long' && args[i - 1] === '--project')
  return isLong ? both(args, 'long') : [await vitest(args)]
}

function leftBehind(): Tally {
  const names = readdirSync(temporary).filter(name => name.startsWith('azr-'))
  for (const name of names) process.stdout.write(`a test left its folder behind: ${name}\n`)
  return { passed: 0, failed: names.length }
}

const args = process.argv.slice(2)
const tallies = [...(await runAll(args)), leftBehind()]
rmSync(folder, { recursive: true, force: true })
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0)
const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0)
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 ? 1 : 0
