/**
 * What the redo log costs: a run whose checkpoints are all gone is brought to its last step again.
 * Baseline: the learner seconds that the updates recorded when they were made, in the same process's run.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../src/paths.ts'
import { openUnchanged } from '../state/database.ts'
import { countOf, readOptions, type Spec } from './options.ts'

const spec: Spec = {
  command: 'npm run bench:redo --',
  about: 'What it takes to do recorded updates again, against the learner seconds they recorded.',
  positions: { STEPS: { about: 'updates', default: '6' } },
}
const steps = countOf(spec, readOptions(spec), 'STEPS')
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
const recorded = client
  .prepare('select sum(update_seconds) from updates where step <= ?')
  .pluck()
  .get(steps) as number
const ready = client
  .prepare("select max(at_ms) from run_events where event = 'learner.ready'")
  .pluck()
  .get() as number
const redone = client
  .prepare(
    `select max(at_ms) as at_ms, sum(detail ->> '$.seconds') as seconds from run_events
     where event = 'update.redone'`,
  )
  .get() as { at_ms: number; seconds: number }
client.close()
rmSync(home, { recursive: true })
const seconds = (redone.at_ms - ready) / 1000
process.stdout.write(
  `${steps} updates: recorded ${recorded.toFixed(2)} s, redone in ${seconds.toFixed(2)} s ` +
    `(loading, reading and sending included), ratio ${(seconds / recorded).toFixed(2)}\n` +
    `the learner's own part of it ${redone.seconds.toFixed(2)} s: ratio to it ` +
    `${(seconds / redone.seconds).toFixed(2)}, which other work on the machine does not change much\n`,
)
