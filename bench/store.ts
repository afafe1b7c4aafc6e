/**
 * Measures how fast the store takes rollouts, their size on disk, and the time of its pages.
 * Rollouts have 300 tokens and about 1,000 characters. The baseline of writing, in the same
 * process, is prepared inserts of the same bytes into the same table with its indexes
 * (store/writing.ts).
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { countOf, readOptions, type Spec } from './options.ts'
import { fill } from './store/fill.ts'
import { timePages } from './store/pages.ts'
import { type Rate, raw, throughStore } from './store/writing.ts'

const spec: Spec = {
  command: 'npm run bench:store --',
  about:
    'Measures how fast the store takes rollouts, their size on disk, and the time of pages ' +
    'over many.',
  flags: {
    rollouts: {
      value: 'N',
      about: 'rollouts of the run whose pages are timed',
      default: '2000000',
    },
    written: { value: 'N', about: 'rollouts to write in each round', default: '20000' },
    rounds: {
      value: 'N',
      about: 'rounds of writing, alternating between store and baseline',
      default: '5',
    },
    home: {
      value: 'DIR',
      about: 'folder of the files, which stay (default: a folder that is deleted)',
    },
  },
}
const options = readOptions(spec)
const [many, written] = [countOf(spec, options, 'rollouts', 0), countOf(spec, options, 'written')]
const rounds = countOf(spec, options, 'rounds', 0)
const home = options.home ?? mkdtempSync(join(tmpdir(), 'azr-bench-'))
mkdirSync(home, { recursive: true })
const say = (line: string) => process.stdout.write(`${line}\n`)
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

async function timeWriting(): Promise<void> {
  const found: { ours: Rate & { bytes: number }; base: Rate }[] = []
  for (let round = 0; round < rounds; round++) {
    const base = await raw(home, 'raw', written)
    const ours = await throughStore(home, 'written', written)
    found.push({ ours, base })
    for (const name of ['raw.db', 'written']) rmSync(join(home, name), { recursive: true })
    const line = [ours.perSecond, base.perSecond].map(Math.round).join(' through the store, ')
    say(`  ${line} by raw inserts: ${(ours.perSecond / base.perSecond).toFixed(2)}`)
  }
  const of = (read: (one: (typeof found)[number]) => number) => median(found.map(read))
  say(
    `rollouts a second, medians: ${of(({ ours }) => ours.perSecond).toFixed(0)}; raw prepared inserts: ` +
      `${of(({ base }) => base.perSecond).toFixed(0)}; ratio ${of(({ ours, base }) => ours.perSecond / base.perSecond).toFixed(2)}`,
  )
  say(
    `CPU time of all threads for a rollout: ${of(({ ours }) => ours.cpuMicros).toFixed(0)} µs; raw: ` +
      `${of(({ base }) => base.cpuMicros).toFixed(0)} µs`,
  )
  say(
    `on disk, with text and indexes: ${of(({ ours }) => ours.bytes).toFixed(0)} bytes for a rollout`,
  )
}

say(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`,
)
if (rounds > 0) await timeWriting()
if (many > 0) {
  const begun = performance.now()
  await fill(home, 'many', many)
  const size = statSync(join(home, 'many', 'run.db')).size / 1e9
  const seconds = (performance.now() - begun) / 1000
  say(`${many} rollouts: ${size.toFixed(2)} GB, made in ${seconds.toFixed(0)} s`)
  for (const line of timePages(home, 'many', many)) say(line)
}
if (!options.home) rmSync(home, { recursive: true })
