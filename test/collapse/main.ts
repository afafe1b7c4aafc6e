/** `npm run test:collapse`: runs that are driven into collapse for real, and how soon that is caught. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../../src/paths.ts'
import { openForReading } from '../../state/database.ts'
import { createPages } from '../../state/reader-pages.ts'

type Collapse = {
  name: string
  about: string
  knobs: string[]
  /** The curve that breaks, and from where on it is broken. */
  curves: Record<string, (value: number, first: number) => boolean>
}

/** As in docs/health.md: what an alarm wants for several steps, here for the first time. */
const spoiled = {
  'success.all': (value: number) => value >= 0.95,
  'learnable.all': (value: number) => value <= 0.03,
  'valid.all': (value: number) => value <= 0.1,
  entropy: (value: number, first: number) => value < 0.25 * first || value > 3 * first,
}

const collapses: Collapse[] = [
  {
    name: 'trivial',
    about:
      'a proposer that is paid for tasks that are always or never solved, and for short programs',
    knobs: [
      ...['--reward.zeroLearnability=3', '--reward.complexity=-4', '--reward.intrinsicCap=1'],
      ...['--trainer.learningRate=2e-3', '--propose.batch=12', '--steps=60'],
    ],
    curves: spoiled,
  },
  {
    name: 'rate',
    about: 'a learning rate of 0.05, a hundred times what the preset has',
    knobs: ['--trainer.learningRate=0.05', '--steps=12'],
    curves: spoiled,
  },
]
const most = 5

const help = `npm run test:collapse [-- NAME…]

Begins a run of the preset smoke for each of these, with --health.onCollapse=stop, and fails unless
the run ends itself, says why, and does so at most ${most} steps after the first step that was spoiled.

${collapses.map(({ name, about }) => `  ${name.padEnd(8)} ${about}`).join('\n')}
`

const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', default: false } },
  allowPositionals: true,
})
if (values.help) {
  process.stdout.write(help)
  process.exit(0)
}
const unknown = positionals.find(name => !collapses.some(one => one.name === name))
if (unknown !== undefined) {
  const names = collapses.map(({ name }) => name).join(', ')
  process.stderr.write(`Cannot find collapse ${unknown}: there are ${names}\n`)
  process.exit(2)
}

const say = (line: string) => process.stdout.write(`${line}\n`)
const home = mkdtempSync(join(tmpdir(), 'azr-collapse-'))

function look(name: string, tests: Collapse['curves']) {
  const { client, db } = openForReading(join(home, name, 'run.db'))
  const pages = createPages(db)
  const curves = pages.metrics(Object.keys(tests))
  const first = Object.entries(tests).flatMap(([curve, test]) => {
    const points = curves[curve] ?? []
    const found = points.find(([, value]) => test(value, points[0]?.[1] ?? 0))
    return found ? [{ curve, step: found[0] }] : []
  })
  const alarms = pages.troubles(50).filter(({ event }) => event === 'health.alarm')
  const acted = alarms.map(
    ({ detail }) => detail as { step: number; level: string; message: string },
  )
  const alarm = acted.toReversed().find(({ level }) => level === 'collapse')
  client.close()
  return { curves, alarm, spoiled: first.toSorted((a, b) => a.step - b.step)[0] }
}

function play({ name, about, knobs, curves: tests }: Collapse): boolean {
  say(`${name}: ${about}`)
  const main = join(root, 'src', 'cli', 'main.ts')
  const args = ['train', 'smoke', '--run', name, '--home', home, '--no-serve', ...knobs]
  const { status, stderr } = spawnSync(
    process.execPath,
    [main, ...args, '--health.onCollapse=stop', '--evaluate.start=false'],
    { encoding: 'utf8', cwd: root },
  )
  const { curves, alarm, spoiled } = look(name, tests)
  for (const [curve, points] of Object.entries(curves)) {
    say(`  ${curve.padEnd(14)} ${points.map(([, value]) => value.toFixed(2)).join(' ')}`)
  }
  const why = /Cannot go on with a run that collapses.*/.exec(stderr)?.[0]
  if (status !== 1 || !alarm || !spoiled || why === undefined) {
    say(`  NOT caught: it ended with code ${status}\n${stderr.slice(-1500)}`)
    return false
  }
  const late = alarm.step - spoiled.step
  say(`  spoiled at step ${spoiled.step} (${spoiled.curve}), stopped at step ${alarm.step}: ${why}`)
  return late <= most
}

const chosen = collapses.filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
)
const failed = chosen.filter(one => !play(one)).length
rmSync(home, { recursive: true, force: true })
say(`${chosen.length - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
