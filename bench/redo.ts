/**
 * Measures the cost of the redo log: a run without any checkpoint is brought to its last step
 * again. Baseline: the learner seconds that the updates recorded when they were made, in the same
 * run.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../src/config/paths.ts'
import { openUnchanged } from '../state/database.ts'
import { countOf, readOptions, type Spec } from './options.ts'

const spec: Spec = {
  command: 'npm run bench:redo --',
  about:
    'Measures the time to repeat recorded updates, compared with the learner seconds that they ' +
    'recorded.',
  positions: { STEPS: { about: 'updates', default: '6' } },
}
const steps = countOf(spec, readOptions(spec), 'STEPS', 2)
const home = mkdtempSync(join(tmpdir(), 'azr-redo-'))
const azr = (...args: string[]) => {
  const command = [join(root, 'src', 'cli', 'main.ts'), ...args, '--home', home, '--no-serve']
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}
const quiet = ['--evaluate.suites=[]', '--evaluate.between.suites=[]', '--checkpoint.every=1000']
azr('train', 'micro', '--run', 'one', `--steps=${steps}`, ...quiet)
rmSync(join(home, 'one', 'checkpoints'), { recursive: true })
azr('resume', 'one', `--steps=${steps + 1}`)
const client = openUnchanged(join(home, 'one', 'run.db'))
const one = <Found>(sql: string, ...values: unknown[]) =>
  client.prepare(sql).get(...values) as Found
const recorded = one<{ all: number; later: number }>(
  `select sum(update_seconds) as "all", sum(iif(step > 1, update_seconds, 0)) as later
   from updates where step <= ?`,
  steps,
)
const { ready } = one<{ ready: number }>(
  "select max(at_ms) as ready from run_events where event = 'learner.ready'",
)
const redone = one<{ first: number; last: number; learner: number }>(
  `select min(at_ms) as first, max(at_ms) as last,
     sum(iif(detail ->> '$.step' > 1, detail ->> '$.seconds', 0)) as learner
   from run_events where event = 'update.redone'`,
)
client.close()
rmSync(home, { recursive: true })
const whole = (redone.last - ready) / 1000
const later = (redone.last - redone.first) / 1000
const ratio = (seconds: number, to: number) =>
  `${seconds.toFixed(2)} s against ${to.toFixed(2)} s, ratio ${(seconds / to).toFixed(2)}`
process.stdout.write(
  [
    `${steps} updates, from the start of the learner, its model loaded: ` +
      `${ratio(whole, recorded.all)} recorded`,
    `the second to the last: ${ratio(later, recorded.later)} recorded`,
    `the same, compared with the learner's time now: ${ratio(later, redone.learner)}`,
    '',
  ].join('\n'),
)
