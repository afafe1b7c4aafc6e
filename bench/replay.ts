/**
 * `npm run bench:replay -- RUN_FOLDER`: rollouts a second of a replay, against only reading the same
 * rows out of the store. Wall time, and CPU time of this process, for a machine that is not at rest.
 */
import { join } from 'node:path'
import { replay } from '../src/run/replay.ts'
import { openForReading } from '../state/database.ts'
import { createReader } from '../state/reader.ts'
import { readOptions, type Spec } from './options.ts'

const spec: Spec = {
  command: 'npm run bench:replay --',
  about: 'Rollouts a second of `azr replay`, against only reading the same rows.',
  positions: { RUN_FOLDER: { about: 'the folder of a run, as in runs/NAME' } },
}
const folder = readOptions(spec).RUN_FOLDER as string

async function timed<T>(work: () => Promise<T>) {
  const [begun, before] = [performance.now(), process.cpuUsage()]
  const found = await work()
  const { user, system } = process.cpuUsage(before)
  return {
    found,
    wallSeconds: (performance.now() - begun) / 1000,
    cpuSeconds: (user + system) / 1e6,
  }
}

/** Every row of every step, decoded, and nothing done with it. */
async function readAll(): Promise<number> {
  const { client, db } = openForReading(join(folder, 'run.db'))
  const reader = createReader(db)
  let rollouts = 0
  for (let step = 0; step <= (reader.lastStep() ?? -1); step++) {
    rollouts += reader.stepRows(step).rollouts.length
  }
  client.close()
  return rollouts
}

const read = await timed(readAll)
const again = await timed(() => replay({ folder, isExecuted: false }))
const rate = (seconds: number) => `${Math.round(read.found / seconds)} rollouts/s`
const line = (name: string, { wallSeconds: wall, cpuSeconds: cpu }: typeof read | typeof again) =>
  `${name.padEnd(10)} ${wall.toFixed(1)} s wall, ${rate(wall)}; ${cpu.toFixed(1)} s CPU, ${rate(cpu)}\n`
process.stdout.write(
  `${read.found} rollouts, difference: ${JSON.stringify(again.found.difference)}\n`,
)
process.stdout.write(line('read only', read))
process.stdout.write(line('replay', again))
process.stdout.write(
  `replay takes ${(again.cpuSeconds / read.cpuSeconds).toFixed(2)} times the CPU time of reading\n`,
)
