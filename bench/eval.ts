/**
 * Compares our grader of HumanEval+ and MBPP+ with the evalplus package.
 *
 * Agreement: both grade mutations of the canonical solutions. Every difference is listed with its
 * reason, and one without a reason is a failure. Programs that only evalplus fails are given to it
 * again, one by one, with ten times the time and four times the memory.
 *
 * Speed: both grade canonical solutions, alternating on the same cores. The first time includes
 * reference outputs on both sides, later times have them cached.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Difference, reasonOf } from './eval/reasons.ts'
import * as sides from './eval/sides.ts'
import { readOptions, type Spec } from './options.ts'

const spec: Spec = {
  command: 'npm run bench:eval --',
  about:
    'Compares our grader of HumanEval+ and MBPP+ with the evalplus package: agreement, then ' +
    'speed.',
  flags: {
    data: { value: 'DIR', about: 'folder of the sets' },
    each: { value: 'N', about: 'completions per item: 1,084 in all', default: '2' },
    seed: { value: 'N', about: 'seed of the mutations', default: '1' },
    sets: { value: 'NAME,…', about: 'which', default: 'humanevalplus,mbppplus' },
    rounds: { value: 'N', about: 'rounds of the comparison of speed; 0: none', default: '1' },
    python: { value: 'FILE', about: 'a Python with evalplus 0.3.1; without it one is made' },
    'evalplus-workers': {
      value: 'N',
      about: 'workers of evalplus; evalplus itself would use half of the cores',
    },
    differences: { value: 'FILE', about: 'file for the differences, as JSON lines' },
    without: { value: 'ID,…', about: 'items to leave out of the agreement', default: '' },
  },
}
const values = readOptions(spec)
const { data = '', without: left = '', sets: names = '' } = values
if (data === '') {
  process.stderr.write('Cannot compare without the sets: npm run bench:eval -- --data DIR\n')
  process.exit(2)
}
const workers = availableParallelism()
const theirWorkers = Number(values['evalplus-workers'] ?? workers)
const without = new Set(left.split(','))
const sets = names.split(',') as sides.SetName[]
const evalplus = sides.evalplusPython(values.python)
const say = (text: string) => void process.stdout.write(`${text}\n`)
const row = (cells: unknown[]) => say(`| ${cells.join(' | ')} |`)

type Pair = sides.Completion & {
  set: string
  ours: sides.Verdict
  theirs: sides.Verdict
  /** evalplus's verdict with more time and memory, if only evalplus says wrong. */
  again?: sides.Verdict
}
const differs = ({ ours, theirs }: Pair) => ours.isRight !== theirs.isRight

async function agreement(name: sides.SetName): Promise<Pair[]> {
  return sides.withSetFile(data, name, async path => {
    const made = sides.mutate(path, Number(values.each), Number(values.seed))
    const completions = made.filter(({ id }) => !without.has(id))
    const found = await sides.ours(data, name, completions, workers)
    const other = await sides.theirs(evalplus, name, path, completions, workers)
    const pairs = completions.map((one, i): Pair => {
      const [ours, theirs] = [found.verdicts[i], other.verdicts[i]]
      if (!ours || !theirs) throw new Error(`Cannot compare ${one.id}: a verdict is missing`)
      return { ...one, set: name, ours, theirs }
    })
    const unsure = pairs.filter(pair => differs(pair) && pair.ours.isRight)
    const again = await sides.theirs(evalplus, name, path, unsure, 1, sides.generous)
    unsure.forEach((pair, i) => {
      pair.again = again.verdicts[i]
    })
    return pairs
  })
}

function tableOf(pairs: readonly Pair[]): void {
  row(['what was done', 'completions', 'right by both', 'wrong by both', 'differ'])
  row(Array(5).fill('---'))
  const kinds = [...Map.groupBy(pairs, ({ kind }) => kind), ['all', pairs] as const]
  for (const [kind, members] of kinds) {
    const same = members.filter(({ ours, theirs }) => ours.isRight === theirs.isRight)
    const right = same.filter(({ ours }) => ours.isRight).length
    row([kind, members.length, right, same.length - right, members.length - same.length])
  }
}

/** The number of differences without an explanation. */
function differencesOf(pairs: readonly Pair[]): number {
  const rows = pairs.filter(differs).map(({ set, id, kind, program, ours, theirs, again }) => {
    const difference: Difference = {
      set,
      id,
      kind,
      ours: ours.said,
      detail: ours.detail,
      theirs: theirs.said,
      again: again?.said ?? null,
    }
    return { ...difference, program, why: reasonOf(difference) }
  })
  if (values.differences) {
    writeFileSync(values.differences, rows.map(one => `${JSON.stringify(one)}\n`).join(''))
  }
  say(`\n${rows.length} differences`)
  for (const { id, kind, ours, detail, theirs, why } of rows) {
    say(
      `- ${id}, ${kind}: ours ${[ours, detail].filter(Boolean).join(', ')}; evalplus ${theirs}; ${why ?? 'UNEXPLAINED'}`,
    )
  }
  return rows.filter(({ why }) => why === null).length
}

const minus = (all: sides.Spent, part: sides.Spent): sides.Spent => {
  return { seconds: all.seconds - part.seconds, cpuSeconds: all.cpuSeconds - part.cpuSeconds }
}

function speedRow(title: string, right: number[], mine: sides.Spent, other: sides.Spent): void {
  const cells = [mine, other].flatMap(({ seconds, cpuSeconds }) => [
    seconds.toFixed(1),
    cpuSeconds.toFixed(1),
  ])
  const ratios = [other.seconds / mine.seconds, other.cpuSeconds / mine.cpuSeconds]
  row([title, ...right, ...cells, ...ratios.map(ratio => ratio.toFixed(2))])
}

/**
 * The first time either side runs all tests twice: for the expected results, and for the answers.
 */
function floorLine(
  name: string,
  least: sides.Spent,
  other: sides.Graded & { references: sides.Spent },
) {
  const later = minus(other, other.references)
  const ratios = [
    other.seconds / (2 * least.seconds),
    later.seconds / least.seconds,
    other.cpuSeconds / (2 * least.cpuSeconds),
    later.cpuSeconds / least.cpuSeconds,
  ].map(ratio => ratio.toFixed(2))
  say(
    `${name}: the calls alone take ${least.seconds.toFixed(1)} s (${least.cpuSeconds.toFixed(1)} s of ` +
      `CPU): best possible ratios of wall time ${ratios[0]} first, ${ratios[1]} later, of CPU ${ratios[2]}, ${ratios[3]}`,
  )
}

async function speed(name: sides.SetName): Promise<void> {
  await sides.withSetFile(data, name, async path => {
    const canonical = await sides.canonicalOf(data, name)
    for (let round = 0; round < Number(values.rounds); round++) {
      const folder = mkdtempSync(join(tmpdir(), 'azr-bench-references-'))
      const mine = () => sides.ours(data, name, canonical, workers, folder)
      try {
        const first = await mine()
        const other = await sides.theirs(evalplus, name, path, canonical, theirWorkers)
        const later = await mine()
        const right = (one: sides.Graded) => one.verdicts.filter(({ isRight }) => isRight).length
        const counts = [right(first), right(other)]
        speedRow(`${name}, first`, counts, first, other)
        speedRow(
          `${name}, later`,
          [right(later), right(other)],
          later,
          minus(other, other.references),
        )
        const least = await sides.floorOf(evalplus, name, path, workers)
        floorLine(name, least, other)
        const lost = canonical.filter((_, i) => !other.verdicts[i]?.isRight).map(({ id }) => id)
        if (lost.length > 0) say(`not right by evalplus: ${lost.join(', ')}`)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }
  })
}

const load = loadavg()
  .map(one => one.toFixed(1))
  .join(' ')
say(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${workers} cores, Node ${process.version}, load ${load}`,
)
const pairs: Pair[] = []
if (Number(values.each) > 0) {
  for (const name of sets) pairs.push(...(await agreement(name)))
  tableOf(pairs)
}
const unexplained = differencesOf(pairs)
if (Number(values.rounds) > 0) {
  say(`\ncanonical solutions; CPU time is of all processes; evalplus has ${theirWorkers} workers`)
  const titles = ['wall, s', 'CPU, s', 'evalplus: wall, s', 'CPU, s', 'ratio of walls', 'of CPU']
  row(['set', 'right', 'right by evalplus', ...titles])
  row(Array(9).fill('---'))
  for (const name of sets) await speed(name)
}
process.exitCode = unexplained > 0 ? 1 : 0
