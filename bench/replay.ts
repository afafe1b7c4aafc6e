/**
 * `npm run bench:replay -- RUN_FOLDER`: measures the rollouts per second of a replay, separately
 * for self-play and held-out items. The baseline only reads the same rows from the store. It gives
 * wall time, and CPU time of this process for a busy machine. Use a whole run: in the first steps
 * nearly all rollouts are held-out answers, which cost less.
 */
import { join } from 'node:path'
import { replay } from '../src/run/replay.ts'
import { openForReading } from '../state/database.ts'
import { createReader } from '../state/reader.ts'
import { readOptions, type Spec } from './options.ts'

const spec: Spec = {
  command: 'npm run bench:replay --',
  about:
    'Measures the rollouts per second of `azr replay`, compared with only reading the same rows.',
  positions: { RUN_FOLDER: { about: 'the folder of a run, as in runs/NAME' } },
}
const folder = readOptions(spec).RUN_FOLDER as string

type Time = { wallMs: number; cpuMs: number }

function startTimer(): () => Time {
  const [begun, before] = [performance.now(), process.cpuUsage()]
  return () => {
    const { user, system } = process.cpuUsage(before)
    return { wallMs: performance.now() - begun, cpuMs: (user + system) / 1000 }
  }
}

/** Reads and decodes every row of every step. */
function readAll() {
  const { client, db } = openForReading(join(folder, 'run.db'))
  const reader = createReader(db)
  const counts = { played: 0, heldOut: 0 }
  for (let step = 0; step <= (reader.lastStep() ?? -1); step++) {
    counts.played += reader.stepRows(step).rollouts.length
    for (const id of reader.attempted(step)) counts.heldOut += reader.itemRows(id).rollouts.length
  }
  client.close()
  return counts
}

const reading = startTimer()
const { played, heldOut } = readAll()
const read = reading()

// Steps record their own CPU time and the part of evaluation.
const spent = { wall: 0, cpu: 0, evaluate: 0 }
const again = await replay({
  folder,
  isExecuted: false,
  onStep({ wall_ms, own_cpu_ms, evaluate_ms }) {
    spent.wall += wall_ms
    spent.cpu += own_cpu_ms
    spent.evaluate += evaluate_ms
  },
})
const rate = (count: number, ms: number) => `${Math.round((1000 * count) / ms)}/s`
const all = played + heldOut
/** One thread that never waits, so its share of the time is its share of the CPU time. */
const busy = spent.cpu / spent.wall
const ofPlay = spent.wall - spent.evaluate
const line = (name: string, count: number, wallMs: number, cpuMs: number) =>
  `${name.padEnd(22)} ${count} rollouts: ${(wallMs / 1000).toFixed(1)} s wall, ${rate(count, wallMs)}; ` +
  `${(cpuMs / 1000).toFixed(1)} s CPU, ${rate(count, cpuMs)}\n`
process.stdout.write(
  [
    `difference: ${JSON.stringify(again.difference)}\n`,
    line('read only', all, read.wallMs, read.cpuMs),
    line('replay', all, spent.wall, spent.cpu),
    line('  self-play', played, ofPlay, ofPlay * busy),
    line('  held-out answers', heldOut, spent.evaluate, spent.evaluate * busy),
    `replay takes ${(spent.cpu / read.cpuMs).toFixed(2)} times the CPU time of reading\n`,
  ].join(''),
)
