/** `azr compare A B`: the differences between two evaluations, and the items that changed. */
import { type Comparison, compareItems, type Judged } from '../../domain/compare.ts'
import { UsageError } from '../../domain/errors.ts'
import { inOrder } from '../../domain/kinds/index.ts'
import { evaluationModes } from '../../domain/task.ts'
import { percent } from '../../lib/formats.ts'
import { fold, jsonText, tableWidth, wrap } from '../../lib/terminal.ts'
import { existingRun, readRun } from '../../state/open.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'

export const spec: CommandSpec = {
  name: 'compare',
  summary: 'Compares two evaluations, or a run at two of its steps, item by item.',
  positions: ['A', 'B'],
  flags: {},
  detail: [
    'A and B: names of evaluations or runs, RUN@STEP for an evaluation at that step (default: the last)',
    'difference: paired bootstrap over the items, 95 %; p: exact McNemar test',
  ].join('\n'),
}

/** The parts of a stored config that say what was asked, and by which engine. */
type Asking = { dialect: string; engine: { kind: string }; evaluate: { template?: string } }

type Evaluated = {
  name: string
  step: number
  items: Judged[]
  /** The hashes of the questions, by suite, kind and item. */
  questions: Map<string, string>
  /** Settings that have to be equal for a comparison. */
  asked: Record<string, string>
}

const shown = 12

type Place = { suite: string; kind: string; item: number }
const placeOf = ({ suite, kind, item }: Place) => `${suite} ${kind} ${item}`

function read(home: string, given: string): Evaluated {
  const [name = '', at] = given.split('@')
  existingRun(home, name)
  return readRun(home, name, reader => {
    const steps = [...new Set(reader.evaluations().map(({ step }) => step))]
    const step = at === undefined ? steps.at(-1) : steps.find(one => one === Number(at))
    if (step === undefined) {
      const have = steps.length > 0 ? `there are those of steps ${steps.join(', ')}` : 'it has none'
      throw new UsageError(
        'evaluation-unknown',
        `Cannot compare ${given}: no finished evaluation there; ${have}`,
      )
    }
    const { config, versions } = reader.run() ?? {}
    const { dialect, engine, evaluate } = config as Asking
    const { templates = '1', engine: made } = (versions ?? {}) as Record<string, string>
    const { template = 'azr' } = evaluate
    const asked = { dialect, template, templates: String(templates), engine: made ?? engine.kind }
    const items = reader.evaluationItems(step)
    const questions = new Map(reader.suiteItems().map(row => [placeOf(row), row.hash]))
    return { name: `${name}@${step}`, step, items, questions, asked }
  })
}

/** Another template makes another question, so such scores are never compared. */
function checkAsked(a: Evaluated, b: Evaluated): void {
  const differing = ['dialect', 'template', 'templates'].find(
    name => a.asked[name] !== b.asked[name],
  )
  if (!differing) return
  throw new UsageError(
    'evaluations-differ',
    `Cannot compare ${a.name} with ${b.name}as they used a different ${differing} ` +
      `(${a.asked[differing]}, ${b.asked[differing]})`,
  )
}

/** Items are compared by number, so two versions of a suite would not match. */
function checkItems(a: Evaluated, b: Evaluated): void {
  const other = a.items.find(item => {
    const [one, two] = [a, b].map(({ questions }) => questions.get(placeOf(item)))
    return one !== undefined && two !== undefined && one !== two
  })
  if (!other) return
  throw new UsageError(
    'evaluations-differ',
    `Cannot compare ${a.name} with ${b.name}: ${placeOf(other)} is not the same question in both, ` +
      'so they were scored on two versions of that suite',
  )
}

const signed = (share: number) => `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)}`
const some = (items: number[]) =>
  items.length > shown ? `${items.slice(0, shown).join(' ')} … (${items.length})` : items.join(' ')

/** In the order in which suites were scored, then by kind and mode in their usual order. */
function ordered(found: readonly Comparison[]): Comparison[] {
  const suites = [...new Set(found.map(({ suite }) => suite))]
  const kinds = inOrder(found.map(({ kind }) => kind))
  const place = ({ suite, kind, mode }: Comparison) => [
    suites.indexOf(suite),
    kinds.indexOf(kind),
    (evaluationModes as readonly string[]).indexOf(mode),
  ]
  const order = (a: Comparison, b: Comparison) => {
    const [one, two] = [place(a), place(b)]
    return one.map((n, i) => n - (two[i] as number)).find(n => n !== 0) ?? 0
  }
  return found.toSorted(order)
}

function chanceText(p: number | null): string[] {
  if (p === null) return []
  return [`p = ${p < 0.001 ? p.toExponential(1) : p.toFixed(3)}`]
}

function rowLines(row: Comparison, width: number): string[] {
  const { suite, kind, mode, items, from, to, difference, interval, p, gained, lost } = row
  const range = interval ? ` [${signed(interval.low)}, ${signed(interval.high)}]` : ''
  const figures = [
    `${suite} ${kind} ${mode}:`,
    `${percent(from, 1)} → ${percent(to, 1)},`,
    [`${signed(difference)} points${range}`, ...chanceText(p), `${items} items`].join(', '),
  ]
  const flips = [
    ...(gained.length > 0 ? [`now right: ${some(gained)}`] : []),
    ...(lost.length > 0 ? [`now wrong: ${some(lost)}`] : []),
  ]
  return [
    ...fold(figures.join('  '), width),
    ...flips.flatMap(text => wrap(text, width - 2).map(line => `  ${line}`)),
  ]
}

export const comparisonLines = (found: readonly Comparison[], width: number): string[] =>
  found.flatMap(row => rowLines(row, width))

export async function run(args: Args): Promise<number> {
  const home = homeOf(args)
  const [a, b] = args.positions.map(given => read(home, given)) as [Evaluated, Evaluated]
  checkAsked(a, b)
  checkItems(a, b)
  const found = ordered(compareItems(a.items, b.items))
  if (found.length === 0) {
    throw new UsageError(
      'evaluations-differ',
      `Cannot compare ${a.name} with ${b.name}: they have no suite in common`,
    )
  }
  if (args.flags.has('json')) {
    const asked = { a: a.asked, b: b.asked }
    process.stdout.write(`${jsonText({ a: a.name, b: b.name, asked, suites: found })}\n`)
    return 0
  }
  const engines =
    a.asked.engine === b.asked.engine ? '' : `; engines ${a.asked.engine} → ${b.asked.engine}`
  process.stdout.write(
    `${a.name} → ${b.name}${engines}\n${comparisonLines(found, tableWidth()).join('\n')}\n`,
  )
  return 0
}
