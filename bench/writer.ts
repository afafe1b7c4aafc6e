/**
 * Measures what the writer adds to a step. It plays the writes of a recorded step at their recorded
 * pace, alternating between a store and an outbox whose transactions are dropped. The previous step
 * is written first, because a run is long and its code warm. It measures CPU time of all threads.
 * The difference is the cost of packing, sending, inserting and sealing.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRun } from '../state/open.ts'
import { createOutbox } from '../state/outbox.ts'
import type { NewRow, Write } from '../state/types.ts'
import { countOf, readOptions, type Spec } from './options.ts'
import { readTimelines, type Timeline } from './writer/timeline.ts'

const spec: Spec = {
  command: 'npm run bench:writer --',
  about:
    'Measures what the writer adds to a step: the writes of a recorded step with and without it.',
  positions: { RUN_FOLDER: { about: 'the folder of a run of `micro`, as in runs/NAME' } },
  flags: {
    rounds: { value: 'N', about: 'rounds of both', default: '5' },
    wall: {
      value: 'MS',
      about: 'duration of the step (default: as recorded), which sets its pace',
    },
  },
}
const options = readOptions(spec)
const rounds = countOf(spec, options, 'rounds')
const [before, recorded] = readTimelines(options.RUN_FOLDER as string)
const wallMs = options.wall === undefined ? recorded.wallMs : countOf(spec, options, 'wall')
const pace = wallMs / recorded.wallMs

type Target = { write: (writes: Write[]) => Promise<unknown>; trace: (write: Write) => void }

/** How long each unit of the main thread's work waited for its rows to be committed, in ms. */
async function play(
  { moments }: Timeline,
  { write, trace }: Target,
  pace: number,
): Promise<number[]> {
  const begun = performance.now()
  const waits: Promise<number>[] = []
  for (const { atMs, writes, isTrace } of moments) {
    const early = begun + atMs * pace - performance.now()
    if (early > 1) await sleep(early)
    if (isTrace) for (const one of writes) trace(one)
    else {
      const asked = performance.now()
      waits.push(write(writes).then(() => performance.now() - asked))
    }
  }
  return Promise.all(waits)
}

const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
/** CPU time so far of the writer's thread, found by its name. */
function writerMs(): number {
  for (const task of readdirSync('/proc/self/task')) {
    const at = join('/proc/self/task', task)
    if (readFileSync(join(at, 'comm'), 'utf8').trim() !== 'store writer') continue
    return Number(readFileSync(join(at, 'schedstat'), 'utf8').split(' ')[0]) / 1e6
  }
  return 0
}

async function withWriter(home: string, name: string) {
  const run: NewRow<'run'> = {
    name,
    preset: 'x',
    seed: 1,
    config: {},
    versions: {},
    created_at_ms: 0,
  }
  const { store, release } = await openRun(home, name, run)
  const trace = ({ row }: Write) => store.trace(row as NewRow<'messages'>)
  const target = { write: store.write, trace }
  await play(before, target, 0)
  await store.read.lastStep()
  const [all, own] = [cpuMs(), writerMs()]
  const waits = await play(recorded, target, pace)
  const used = { all: cpuMs() - all, own: writerMs() - own }
  await release()
  return { ...used, waits }
}

async function withoutWriter(): Promise<number> {
  const outbox = createOutbox(async () => {})
  const target: Target = { write: outbox.add, trace: write => void outbox.add([write]) }
  await play(before, target, 0)
  const begun = cpuMs()
  await play(recorded, target, pace)
  return cpuMs() - begun
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
const home = mkdtempSync(join(tmpdir(), 'azr-writer-'))
const found: { with: number; without: number; own: number; wait: number }[] = []
for (let round = 0; round < rounds; round++) {
  const without = await withoutWriter()
  const { all, own, waits } = await withWriter(home, `round-${round}`)
  found.push({ with: all, without, own, wait: median(waits) })
}
rmSync(home, { recursive: true })
const of = (read: (one: (typeof found)[number]) => number) => median(found.map(read))
const share = (ms: number) =>
  `${ms.toFixed(0)} ms of CPU time, ${((100 * ms) / wallMs).toFixed(1)} %`
const rows = recorded.moments.reduce((sum, { writes }) => sum + writes.length, 0)
process.stdout.write(
  [
    `step ${recorded.step}: ${recorded.rollouts} rollouts, ${rows} rows in ${(wallMs / 1000).toFixed(1)} s`,
    `the writer adds ${share(of(one => one.with - one.without))} of the step`,
    `  its own thread  ${share(of(one => one.own))}`,
    `  the main thread, and V8's ${share(of(one => one.with - one.without - one.own))}`,
    `work waits ${of(one => one.wait).toFixed(1)} ms for its rows (median)`,
    '',
  ].join('\n'),
)
