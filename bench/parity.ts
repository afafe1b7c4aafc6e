/**
 * Measures how often the parity gate stops a healthy run in bfloat16, and how often it misses a
 * fault. It uses the real gate with an emulated engine and learner, whose rounding was measured by
 * bench/parity/scores.py.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stream } from '../domain/rng.ts'
import { locate, python } from '../src/config/paths.ts'
import { countOf, readOptions } from './options.ts'
import { emulated, type Measured, type Now, type Pool, poolOf } from './parity/emulated.ts'

const spec = {
  command: 'npm run bench:parity --',
  about:
    'Error rates of the parity gate on emulated bfloat16: healthy loads stopped, faults missed.',
  flags: {
    model: { value: 'DIR', about: 'the model whose rounding is measured', default: 'models/micro' },
    scores: { value: 'FILE', about: 'an earlier measurement by bench/parity/scores.py' },
    loads: { value: 'N', about: 'loads of a healthy run', default: '500' },
    trials: { value: 'N', about: 'trials of each fault', default: '20' },
  },
}
const options = readOptions(spec)
const say = (line: string) => void process.stdout.write(`${line}\n`)

/**
 * Root mean square difference between right computations of SmolLM2-135M in bfloat16
 * (docs/explanation/parity.md).
 */
const large = 0.06

function measure(): Measured {
  if (options.scores) return JSON.parse(readFileSync(options.scores, 'utf8'))
  const folder = mkdtempSync(join(tmpdir(), 'azr-parity-'))
  try {
    const out = join(folder, 'scores.json')
    const script = join(import.meta.dirname, 'parity', 'scores.py')
    const args = [script, locate(options.model as string), out]
    const { status, stderr } = spawnSync(python, args, { encoding: 'utf8' })
    if (status !== 0 || !existsSync(out)) throw new Error(stderr)
    return JSON.parse(readFileSync(out, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const measured = measure()
const rms = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)
const gap = (a: string, b: string) =>
  (measured.scores[a] as number[]).map(
    (x, i) => x - ((measured.scores[b] as number[])[i] as number),
  )

async function healthy(pool: Pool, scale: number, loads: number) {
  const { load } = emulated(pool, { scale, isAdapter: false })
  let exact: Float32Array = pool.take('0.exact')
  let stopped = 0
  const figures = { rms: 0, told: 0 }
  for (let at = 0; at < loads; at++) {
    const { passed, measured } = await load({ learner: exact, engine: exact })
    stopped += passed ? 0 : 1
    figures.rms = Math.max(figures.rms, Number(/rms ([\d.e-]+)/.exec(measured)?.[1]))
    figures.told += measured.includes('of the change') ? 1 : 0
    exact = pool.step(at % 2 ? '0.exact' : '1.exact', at % 2 ? '1.exact' : '2.exact', exact)
  }
  return { stopped, ...figures }
}

type Fault = { name: string; isAdapter?: boolean; now: (pool: Pool) => Now[] }

/** A good load of the earlier policy, then a faulty load of the later one. */
const wrong = (before: string, after: string, holds: string): Fault['now'] => {
  return pool => {
    const [old, next] = [pool.take(`${before}.exact`), pool.take(`${after}.exact`)]
    const isMeasured = !holds.endsWith('.exact')
    return [
      { learner: old, engine: old },
      { learner: next, engine: pool.take(holds), isMeasured },
    ]
  }
}

const adapter = (before: string, after: string, holds: string): Fault['now'] => {
  return pool => {
    const bare = pool.take('0.exact')
    const [old, next] = [before, after].map(name => pool.take(`${name}.exact`)) as [
      Float32Array,
      Float32Array,
    ]
    return [
      { learner: old, engine: old, bare },
      { learner: next, engine: pool.take(holds), bare },
    ]
  }
}

const prefix =
  (name: string): Fault['now'] =>
  pool => {
    const next = pool.take(`${name}.exact`)
    const right = { learner: next, engine: next }
    return [right, { ...right, stale: pool.stale(name), reused: 16 }]
  }

const faults: Fault[] = [
  { name: 'skipped load, weights moved as in the tests', now: wrong('0', 'moved', '0.exact') },
  { name: 'skipped load, two updates', now: wrong('0', '2', '0.exact') },
  { name: 'weights of the previous version, one update', now: wrong('1', '2', '1.exact') },
  {
    name: 'stale head, weights moved as in the tests',
    now: wrong('0', 'moved', 'moved.stale head'),
  },
  { name: 'stale head, one update', now: wrong('1', '2', '2.stale head') },
  { name: 'damaged weights: a layer of zeros', now: wrong('1', '2', '2.damaged') },
  { name: 'stale prefix cache, weights moved as in the tests', now: prefix('moved') },
  { name: 'stale prefix cache, one update', now: prefix('2') },
  {
    name: 'adapter bound to no layer, after one update',
    isAdapter: true,
    now: adapter('0', 'adapter 1', '0.exact'),
  },
  {
    name: 'adapter of the previous version, one update',
    isAdapter: true,
    now: adapter('adapter 1', 'adapter 2', 'adapter 1.exact'),
  },
]

async function caughtOf({ now, isAdapter = false }: Fault, pool: Pool, scale: number) {
  const trials = countOf(spec, options, 'trials')
  let caught = 0
  let suspect = ''
  for (let trial = 0; trial < trials; trial++) {
    const { load } = emulated(pool, { scale, isAdapter })
    const states = now(pool)
    for (const [at, state] of states.entries()) {
      const found = await load(state)
      if (at < states.length - 1) continue
      caught += found.passed ? 0 : 1
      suspect = found.suspect || suspect
    }
  }
  return { caught, trials, suspect }
}

const rounding = rms(gap('0.engine', '0.learner'))
const scales = [1, large / rounding]
const pools = scales.map((_, i) => poolOf(measured, stream(7, 'parity', i)))
const [first] = pools as [Pool]
say(
  `${measured.scores['0.exact']?.length} tokens measured, ${first.tokens} a load; rounding between`,
)
say(
  `two correct computations differ by ${rounding.toFixed(4)} rms, and scaled to ${large}; one update moves`,
)
say(`a log-probability by ${rms(gap('2.exact', '1.exact')).toFixed(4)} rms`)
say('')
say(`| | rms ${scales.map(scale => (scale * rounding).toFixed(3)).join(' | rms ')} |`)
say('|---|---|---|')
const loads = countOf(spec, options, 'loads')
const wells = []
for (const [i, scale] of scales.entries()) wells.push(await healthy(pools[i] as Pool, scale, loads))
say(`| healthy loads stopped, of ${loads} | ${wells.map(({ stopped }) => stopped).join(' | ')} |`)
say(`| largest rms of a healthy load | ${wells.map(({ rms }) => rms).join(' | ')} |`)
say(`| loads that could be told from one before | ${wells.map(({ told }) => told).join(' | ')} |`)
for (const fault of faults) {
  const cells = []
  for (const [i, scale] of scales.entries()) {
    const { caught, trials } = await caughtOf(fault, pools[i] as Pool, scale)
    cells.push(`${caught} of ${trials}`)
  }
  say(`| caught: ${fault.name} | ${cells.join(' | ')} |`)
}
