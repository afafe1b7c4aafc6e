/** `npm run test:collapse`: makes real runs collapse, and measures how soon that is caught. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Collapse, collapses } from './collapses.ts'
import { play } from './play.ts'

/** Steps between the first bad one and the alarm. */
const most = 5

const help = `npm run test:collapse [-- NAME…]

Begins a run of the preset smoke for each of these and fails unless it is caught at most ${most} steps
after the first that was spoiled, and unless the run does what health.onCollapse says: stop with the
reason, hold still, or go on. Takes about six minutes.

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

async function isCaught(collapse: Collapse, home: string): Promise<boolean> {
  say(`${collapse.name}: ${collapse.about}`)
  const { curves, onset, alarm, acted, said } = await play(collapse, home)
  for (const [curve, points] of Object.entries(curves)) {
    say(`  ${curve.padEnd(14)} ${points.map(([, value]) => value.toFixed(2)).join(' ')}`)
  }
  if (!onset || !alarm || acted === null) {
    say(`  NOT caught, or not acted on:\n${said.slice(-1500)}`)
    return false
  }
  const { name, step, message } = alarm
  say(`  spoiled at step ${onset.step} (${onset.curve}), told at step ${step}: ${name}, ${message}`)
  say(`  ${acted}`)
  return step - onset.step <= most
}

const home = mkdtempSync(join(tmpdir(), 'azr-collapse-'))
const wanted = collapses.filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
)
let caught = 0
try {
  for (const collapse of wanted) if (await isCaught(collapse, home)) caught += 1
} finally {
  rmSync(home, { recursive: true, force: true })
}
say(`${caught} passed, ${wanted.length - caught} failed`)
process.exitCode = caught < wanted.length ? 1 : 0
