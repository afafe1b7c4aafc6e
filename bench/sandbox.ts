/**
 * `npm run bench:sandbox`: measures the cost of the sandbox as ratios to a bare fork. `--help` has
 * the flags.
 *
 * A bare fork is bench/sandbox/bare_fork.py, an unprotected fork server that gets compiled code. It
 * measures CPU time of all processes on one core, in interleaved rounds over the 200 programs of
 * bench/sandbox/programs.jsonl. A ratio is the median of those within each round. Wall times need
 * an otherwise idle machine.
 */
import { spawnSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { python } from '../src/config/paths.ts'
import { countOf, readOptions, type Spec } from './options.ts'
import { pin } from './sandbox/cpu.ts'
import { measureRows, median, startRows, targets } from './sandbox/rows.ts'
import { serverMemory, serverStartMs, throughput, withRunaways } from './sandbox/whole.ts'

const spec: Spec = {
  command: 'npm run bench:sandbox --',
  about: 'Measures the cost of the sandbox as ratios to a bare fork, as a Markdown table.',
  positions: {
    ROUNDS: { about: 'measurements of each row, in turn with the others', default: '9' },
  },
  flags: {
    cpu: { about: 'only the rows of CPU time, without wall time and memory' },
    data: { value: 'DIR', about: "also a row for CRUXEval's programs, read from DIR/cruxeval" },
  },
}
const values = readOptions(spec)
const rounds = countOf(spec, values, 'ROUNDS')

const say = (text: string) => process.stdout.write(`${text}\n`)

function sayRows(found: Map<string, number[]>): void {
  say('| CPU time of all processes, one core | us | ratio to a bare fork | rounds | target |')
  say('|---|---|---|---|---|')
  const bare = found.get('bare fork') as number[]
  for (const [name, us] of found) {
    const ratios = us.map((one, i) => (bare[i] as number) / one)
    const spread = [Math.min(...ratios), Math.max(...ratios)].map(one => one.toFixed(2))
    const cells = [median(us).toFixed(0), median(ratios).toFixed(2), spread.join(' to ')]
    say(`| ${name} | ${cells.join(' | ')} | ${targets[name] ?? ''} |`)
  }
}

async function sayWhole(): Promise<void> {
  say('\n| | | target |\n|---|---|---|')
  say(`| server start, ms of CPU time | ${(await serverStartMs(python)).toFixed(0)} | <= 80 |`)
  const { privateMb, sharedMb, pssMb } = await serverMemory(python)
  const parts = `${privateMb.toFixed(1)} private, ${sharedMb.toFixed(1)} shared by five`
  say(`| server, MB of memory (${parts}) | ${pssMb.toFixed(1)} | <= 10 |`)
  const pairs: [number, number][] = []
  for (let i = 0; i < Math.min(rounds, 3); i++) {
    pairs.push([await throughput(python, '0', 1), await throughput(python, '0,1', 2)])
  }
  const ratio = median(pairs.map(([one, two]) => two / one))
  const [one, two] = [0, 1].map(at => median(pairs.map(pair => pair[at] as number)).toFixed(0))
  say(
    `| two cores over one, wall, programs a second: ${one} -> ${two} | ${ratio.toFixed(2)} | 1.6 |`,
  )
  const walls: number[] = []
  for (let i = 0; i < Math.min(rounds, 3); i++) walls.push(await withRunaways(python))
  say(`| 100 programs, 2 never end: wall, s | ${median(walls).toFixed(2)} | <= 2.5 |`)
}

pin('0')
const version = spawnSync(python, ['--version']).stdout.toString().trim()
const load = loadavg()[0]?.toFixed(1)
say(`${cpus()[0]?.model ?? 'unknown processor'}, ${version}, Node ${process.version}`)
const rows = await startRows(python, values.data)
const clock = rows.isFine
  ? 'CPU time of control groups, in microseconds'
  : 'no control group could be made: CPU time has steps of 10 ms, so use many rounds'
say(`${rounds} rounds, load ${load} at the start; ${clock}\n`)
try {
  sayRows(await measureRows(rows, rounds))
} finally {
  await rows.stop()
}
if (!values.cpu) await sayWhole()
