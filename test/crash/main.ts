/** `npm run test:crash`: its flags and its records. The game is in play.ts. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { play } from './play.ts'
import { alive } from './session.ts'
import { unmountDisk } from './victims.ts'

const help = `npm run test:crash [-- --instants N --seed N --home DIR]

Kills a run again and again at random instants, in every state, resumes it, and holds it against one
that nobody touched: the rows of all facts, the weights, and what was asked of the engine, the sandbox
and the learner. Exit code 1 where anything differs. 100 instants take a quarter of an hour on two
idle cores. A disk is filled where this user may mount one.

  --instants N   how often it is killed (100)
  --seed N       of the instants and of the damage (1)
  --home DIR     where the runs lie; default: a folder that is deleted unless a fault was found
`

const { values } = parseArgs({
  options: {
    instants: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    home: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(help)
  process.exit(0)
}
const [instants, seed] = [values.instants, values.seed].map(Number)
if (!(Number.isInteger(instants) && Number(instants) > 0 && Number.isInteger(seed))) {
  process.stderr.write(
    'Cannot read --instants or --seed: whole numbers, as in --instants 100 --seed 1\n',
  )
  process.exit(2)
}
const home = values.home ? resolve(values.home) : mkdtempSync(join(tmpdir(), 'azr-crash-'))
mkdirSync(home, { recursive: true })
for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(name, () => {
    for (const child of alive) child.kill('SIGKILL')
    unmountDisk(join(home, 'small'))
    if (!values.home) rmSync(home, { recursive: true, force: true })
    process.exit(code)
  })
}
const say = (line: string) => process.stdout.write(`${line}\n`)
const { faults, kills, summary } = await play({
  home,
  instants: instants as number,
  seed: seed as number,
  say,
})
for (const line of summary) say(line)
if (faults.length > 0) say(`what is left lies in ${home}`)
else if (!values.home) rmSync(home, { recursive: true })
say(`${kills} instants, ${faults.length} faults`)
process.exitCode = faults.length > 0 ? 1 : 0
