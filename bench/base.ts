/**
 * Measures whether the base model leaves room for self-play, as Markdown for research/micro.md:
 *
 * node bench/base.ts [HOME=runs/base] [ITEMS]
 *
 * It scores the test suites in every mode, seeds a run without training, and measures copying.
 * Finished parts are skipped, interrupted ones continue. The base is the model in models/micro. Its
 * runs are named by its weights.
 */
import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { builtInNames as kinds } from '../domain/kinds/index.ts'
import { accuracyInterval, meanOf, passRate } from '../domain/statistics.ts'
import type { Kind } from '../domain/task.ts'
import { python, trainerFolder } from '../src/config/paths.ts'
import { openForReading } from '../state/database.ts'
import { readRun } from '../state/open.ts'
import { type Cell, cellIn } from './learning/cells.ts'
import { azr } from './learning/children.ts'
import { score, stateOf } from './learning/jobs.ts'
import { baseDigest, baseModel } from './learning/records.ts'
import { inPercent, scratchShare } from './learning/table.ts'
import { countOf, readOptions, type Spec } from './options.ts'

const spec: Spec = {
  command: 'node bench/base.ts',
  about:
    'Measures whether the base model leaves room for self-play, as Markdown. Continues where ' +
    'it stopped.',
  positions: {
    HOME: { about: 'folder of its runs', default: 'runs/base' },
    ITEMS: { about: 'items of each suite and kind; 0: all', default: '0' },
  },
}
const options = readOptions(spec)
const home = resolve(options.HOME as string)
const items = countOf(spec, options, 'ITEMS', 0)
const suites = ['micro-easy', 'micro-hard']
const modes = 'greedy,sampled,direct,scratch'
const named = (part: string) => `${part}-${baseDigest().slice(0, 6)}`

async function scoreSuites(): Promise<Cell[]> {
  const wanted = { home, suites, items: items === 0 ? null : items }
  const name = named('base')
  await score(wanted, { name, model: baseModel(), modes, seed: 1 })
  return readRun(home, name, reader => reader.evaluations()).map(row => ({ ...row, shares: [] }))
}

type Proposals = { kind: Kind; count: number; valid: number }

/** A seeding with the base, like the start of a `micro` run, without the rest. */
async function propose(): Promise<Proposals[]> {
  const name = named('seeding')
  const place = join(home, name)
  if (stateOf(home, name) === 'unfinished') {
    await azr(place, ['resume', name, '--home', home, '--no-serve'])
  } else if (stateOf(home, name) === 'absent') {
    const flags = ['--steps=0', '--evaluate.suites=[]', '--evaluate.between.suites=[]']
    const run = ['train', 'micro', '--run', name, '--home', home, '--no-serve']
    await azr(place, [...run, ...flags])
  }
  const { client } = openForReading(join(place, 'run.db'))
  try {
    const sql = `select kind, count(*) as count, avg(verdict != 'refused') as valid from tasks
      where exists (select 1 from rollouts where rollouts.id = tasks.id) group by kind`
    return client.prepare(sql).all() as Proposals[]
  } finally {
    client.close()
  }
}

const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`

function tableRow(cells: Cell[], suite: string, kind: Kind): string {
  const of = (mode: Cell['mode']) => cellIn(cells, suite, kind, mode) as Cell
  const sure = (cell: Cell) => {
    const { low, high } = accuracyInterval(cell)
    return `${inPercent(cell.accuracy)} ± ${inPercent((high - low) / 2)}`
  }
  const scratch = (cell: Cell) => inPercent(scratchShare(cell) ?? Number.NaN)
  const [greedy, sampled] = [of('greedy'), of('sampled')]
  const forced = [of('direct'), of('scratch')].map(cell => inPercent(cell.accuracy))
  const free = [sure(greedy), sure(sampled), inPercent(passRate(sampled))]
  return row([suite, kind, ...free, scratch(greedy), scratch(sampled), ...forced])
}

/** The requirements on a base from part 1 of the benchmark. */
function claims(cells: Cell[], proposals: Proposals[]): string[] {
  const easy = (mode: Cell['mode']) =>
    kinds.map(kind => cellIn(cells, 'micro-easy', kind, mode) as Cell)
  const greedy = meanOf(easy('greedy').map(cell => cell.accuracy))
  const ratio =
    meanOf(easy('sampled').map(passRate)) / meanOf(easy('sampled').map(cell => cell.accuracy))
  const [direct, scratch] = [easy('direct')[0] as Cell, easy('scratch')[0] as Cell]
  const gap = scratch.accuracy - direct.accuracy
  const [likely, drawn] = [easy('greedy')[0] as Cell, easy('sampled')[0] as Cell]
  const shares = [likely, drawn].map(cell => scratchShare(cell) ?? Number.NaN)
  const least = Math.min(...proposals.map(({ valid }) => valid))
  const say = (isMet: boolean, text: string) => `- ${isMet ? 'met' : 'missed'}: ${text}`
  return [
    say(
      greedy >= 0.2 && greedy <= 0.5,
      `greedy, easy, mean of the kinds: ${inPercent(greedy)} % (20 to 50)`,
    ),
    say(ratio >= 1.5, `pass@8 is ${ratio.toFixed(2)} times mean@8 (1.5 or more)`),
    say(
      gap >= 0.1,
      `forced scratch is ${inPercent(gap)} points above forced direct in easy deduction (10 or more)`,
    ),
    say(
      Math.max(...shares) < 0.5,
      `scratch is not the likelier mode there: ${inPercent(shares[0] as number)} % of greedy answers, ` +
        `${inPercent(shares[1] as number)} % of sampled ones`,
    ),
    say(least > 0.5, `valid tasks of all kinds: at least ${inPercent(least)} % of the proposals`),
  ]
}

const [cells, proposals] = [await scoreSuites(), await propose()]
const copying = execFileSync(python, ['-m', 'azr_micro', 'copying', '--model', baseModel()], {
  cwd: trainerFolder,
  encoding: 'utf8',
  env: { ...process.env, OMP_NUM_THREADS: '1' },
})
const titles = [
  'suite',
  'kind',
  'greedy',
  'mean@8',
  'pass@8',
  'scratch, greedy',
  'scratch, sampled',
]
process.stdout.write(
  [
    row([...titles, 'forced direct', 'forced scratch']),
    row(Array(9).fill('---')),
    ...suites.flatMap(suite => kinds.map(kind => tableRow(cells, suite, kind))),
    '',
    ...claims(cells, proposals),
    '',
    `Valid proposals at T = 1: ${proposals.map(({ kind, count, valid }) => `${kind} ${inPercent(valid)} % of ${count}`).join(', ')}.`,
    `Copied without an error, greedy: ${copying.trim().split('\n').join('; ')}.`,
    '',
  ].join('\n'),
)
