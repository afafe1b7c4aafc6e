/**
 * `npm run test:neighbours`: hunts for influence between programs that share a child, with a line
 * of progress now and then, and exit code 1 on any fault. `--help` lists the flags.
 */
import { parseArgs } from 'node:util'
import { hunt } from './hunt.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
    'screen-off': { type: 'boolean' },
    help: { type: 'boolean' },
  },
})
const say = (text: string) => process.stdout.write(`${text}\n`)

if (values.help) {
  say(`npm run test:neighbours [-- --count N] [-- --seed N] [-- --screen-off]

Draws programs of the small language and a step outside it, and runs each among neighbours with known
answers, alone, and under the eyes of test/neighbours/world.py. Every difference is a fault.

  --count N      how many programs; 100000, a quarter of an hour on two cores
  --seed N       which programs; 1
  --first N      the number of the first of them; 0
  --screen-off   lets all of them share: faults are to be expected
  --help         this text`)
  process.exit(0)
}

const begun = performance.now()
let told = begun
const { faults, shared, alone, outcomes } = await hunt({
  seed: Number(values.seed),
  first: Number(values.first),
  count: Number(values.count),
  isScreenOff: values['screen-off'] === true,
  say(done, faults) {
    const now = performance.now()
    if (now - told < 10_000) return
    told = now
    const perSecond = Math.round((1000 * done) / (now - begun))
    say(`${done} of ${values.count} programs, ${faults} faults, ${perSecond} a second`)
  },
})
for (const { number, what, program } of faults.slice(0, 50)) {
  say(`\nFAULT of program ${number}: ${what}\n${program.replace(/^/gm, '    ')}`)
}
const outcomesTold = Object.entries(outcomes).map(([name, count]) => `${count} ${name}`)
say(`\n${values.count} programs: ${outcomesTold.join(', ')}`)
say(`${shared} runs in a child with others, ${alone} alone; ${faults.length} faults`)
process.exitCode = faults.length > 0 || shared === 0 ? 1 : 0
