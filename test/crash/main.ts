/**
 * `npm run test:crash [-- --instants N --seed N --home DIR]`: a run is killed again and again, in
 * every state, by the death of each of its processes, with what a crash leaves on disk and with a
 * full disk; it has to end with the facts, the weights and the effects of one that nobody touched.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { play } from './play.ts'

const { values } = parseArgs({
  options: {
    instants: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    home: { type: 'string' },
  },
})
const home = values.home ? resolve(values.home) : mkdtempSync(join(tmpdir(), 'azr-crash-'))
mkdirSync(home, { recursive: true })
const say = (line: string) => process.stdout.write(`${line}\n`)
const { faults, kills, summary } = await play({
  home,
  instants: Number(values.instants),
  seed: Number(values.seed),
  say,
})
for (const line of summary) say(line)
if (faults.length > 0) say(`what is left lies in ${home}`)
else if (!values.home) rmSync(home, { recursive: true })
say(`${kills} instants, ${faults.length} faults`)
process.exitCode = faults.length > 0 ? 1 : 0
