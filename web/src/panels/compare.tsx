/** Compares several runs: first their differences, then their curves in the same charts. */
import type { Differences, Learning, Metrics, RunSummary } from '../api.ts'
import { useAsked } from '../asked.ts'
import { Chart, ChartControls, type Series } from '../chart/index.tsx'
import { type Group, groupsOf, meanOf } from '../groups.ts'
import { Await, Empty, plain, Section, Table } from '../parts.tsx'
import { addressOf, go, here, runs } from '../state.ts'
import { Flips } from './flips.tsx'
import { textOf } from './knobs.tsx'

const mostRuns = 8
const colorOf = (i: number) => `run-${i + 1}`

type Curve = { title: string; metric: string; unit: string; isShare?: boolean }

const curves: Curve[] = [
  { title: 'Right answers', metric: 'accuracy.all', unit: 'share of answers' },
  { title: 'Learnable tasks', metric: 'learnable.all', unit: 'share of new tasks' },
  { title: 'Valid proposals', metric: 'valid.all', unit: 'share of proposals' },
  ...[
    { title: 'Mean reward of the solver', metric: 'reward.solver.all', unit: 'reward' },
    { title: 'Mean reward of the proposer', metric: 'reward.proposer.all', unit: 'reward' },
    { title: 'Length of answers', metric: 'length.solver.all', unit: 'tokens' },
    { title: 'Length of proposals', metric: 'length.proposer.all', unit: 'tokens' },
    { title: 'Entropy', metric: 'entropy', unit: 'nats per token' },
    { title: 'Mismatch KL of engine and learner', metric: 'mismatch.kl', unit: 'nats per token' },
    { title: 'Gradient norm', metric: 'gradient.norm', unit: 'norm' },
  ].map(curve => ({ ...curve, isShare: false })),
]

type Point = readonly [step: number, value: number]
type Known = { id: string; metrics: Metrics; scores: Map<string, Point[]> }

/** The mean over the kinds of each suite and mode, at steps that scored all kinds. */
function scoresOf({ lines }: Learning): Map<string, Point[]> {
  const groups = Map.groupBy(lines, ({ suite, mode }) => `${suite}, ${mode}`)
  return new Map(
    [...groups].map(([name, all]) => {
      const kinds = new Set(all.map(({ kind }) => kind)).size
      const steps = Map.groupBy(
        all.flatMap(({ points }) => points),
        ({ step }) => step,
      )
      const points = [...steps]
        .filter(([, values]) => values.length === kinds)
        .map(([step, values]): Point => {
          return [step, values.reduce((sum, { value }) => sum + value, 0) / values.length]
        })
      return [name, points.sort((a, b) => a[0] - b[0])]
    }),
  )
}

/** A group of runs is one curve with a band; a single run is just a curve. */
function seriesOf(groups: readonly Group[], of: (id: string) => readonly Point[]): Series[] {
  return groups.map(({ name, ids, color }) => {
    const [run = ''] = ids
    if (ids.length === 1) return { name, color, run, points: of(run) }
    return { name, color, ...meanOf(ids.map(of)) }
  })
}

const cell = (value: unknown) => plain(value === null ? '–' : textOf(value)).slice(0, 120)

/** A row of values. Those that differ from the first run's are highlighted. */
function ValueRow({ name, values }: { name: string; values: readonly unknown[] }) {
  return (
    <tr>
      <th scope="row">
        <code>{name}</code>
      </th>
      {values.map((value, i) => (
        <td key={i} class={textOf(value) === textOf(values[0]) ? '' : 'unlike'}>
          <code>{cell(value)}</code>
        </td>
      ))}
    </tr>
  )
}

function lineageOf(run: RunSummary | undefined): string {
  if (!run?.parent) return 'none'
  return `${run.parent.id} at step ${run.parent.step}`
}

function Unlike({ found, known }: { found: Differences; known: readonly RunSummary[] }) {
  const { knobs, versions } = found
  const shown = found.runs.map(({ id }) => known.find(run => run.id === id))
  const results = knobs.filter(({ operational }) => !operational)
  const others = knobs.filter(({ operational }) => operational)
  return (
    <>
      {results.length === 0 && (
        <p>
          <strong>No knob that changes results differs.</strong>
        </p>
      )}
      <Table heads={['', ...found.runs.map(({ id }) => id)]} class="unlike-knobs">
        {results.map(({ path, values }) => (
          <ValueRow key={path} name={path} values={values} />
        ))}
        {versions.map(({ name, values }) => (
          <ValueRow key={name} name={`version of ${name}`} values={values} />
        ))}
        <ValueRow name="preset" values={found.runs.map(({ preset }) => preset)} />
        <ValueRow name="forked from" values={shown.map(lineageOf)} />
        <ValueRow name="steps done" values={shown.map(run => run?.step ?? null)} />
        {others.map(({ path, values }) => (
          <ValueRow key={path} name={`${path} (changes no result)`} values={values} />
        ))}
      </Table>
    </>
  )
}

function Overlay({ known, groups }: { known: readonly Known[]; groups: readonly Group[] }) {
  const of = (id: string) => known.find(one => one.id === id)
  // A metric that no run has gets no chart.
  const drawn = curves.filter(({ metric }) => known.some(({ metrics }) => metric in metrics))
  const suites = [...new Set(known.flatMap(({ scores }) => [...scores.keys()]))].sort()
  return (
    <>
      {suites.length > 0 && (
        <Section title="Held-out accuracy, mean over the kinds">
          <ChartControls />
          <div class="charts">
            {suites.map(name => (
              <Chart
                key={name}
                title={name}
                unit="accuracy"
                series={seriesOf(groups, id => of(id)?.scores.get(name) ?? [])}
              />
            ))}
          </div>
        </Section>
      )}
      <Section title="Self-play">
        {drawn.length === 0 && <Empty>None of these runs has a curve of self-play.</Empty>}
        {drawn.length > 0 && suites.length === 0 && <ChartControls />}
        <div class="charts">
          {drawn.map(({ metric, ...shape }) => (
            <Chart
              key={metric}
              {...shape}
              series={seriesOf(groups, id => of(id)?.metrics[metric] ?? [])}
            />
          ))}
        </div>
      </Section>
    </>
  )
}

/** The compared runs in their colours, and how they are shown. */
function Chosen({ ids, hasSeeds }: { ids: readonly string[]; hasSeeds: boolean }) {
  const { query } = here.value
  const others = (runs.value ?? []).filter(({ id }) => !ids.includes(id))
  const show = (next: readonly string[]) => go({ query: { ...query, runs: next.join(',') } })
  return (
    <form class="filters" onSubmit={event => event.preventDefault()}>
      {ids.map((id, i) => (
        <span key={id} class="chip">
          <i class={`swatch of-${colorOf(i)}`} />
          <a href={addressOf({ run: id, panel: 'overview' })}>{id}</a>
          <button
            type="button"
            aria-label={`leave out ${id}`}
            onClick={() => show(ids.filter(one => one !== id))}
          >
            ×
          </button>
        </span>
      ))}
      {others.length > 0 && ids.length < mostRuns && (
        <label>
          add{' '}
          <select value="" onChange={event => show([...ids, event.currentTarget.value])}>
            <option value="">a run</option>
            {others.map(({ id }) => (
              <option key={id}>{id}</option>
            ))}
          </select>
        </label>
      )}
      {hasSeeds && (
        <label>
          <input
            type="checkbox"
            checked={query.each !== 'yes'}
            onChange={event => {
              go({ query: { ...query, each: event.currentTarget.checked ? '' : 'yes' } })
            }}
          />{' '}
          combine runs that differ only in their seed into one curve, with a band from the lowest to
          the highest
        </label>
      )}
    </form>
  )
}

export function Compare() {
  const { query } = here.value
  const ids = [...new Set((query.runs ?? '').split(',').filter(Boolean))].slice(0, mostRuns)
  const all = runs.value ?? []
  const steps = all.filter(({ id }) => ids.includes(id)).map(({ id, step }) => `${id} ${step}`)
  const different = useAsked(ask => ask.compare(ids), [ids])
  const known = useAsked(
    ask =>
      Promise.all(
        ids.map(async (id): Promise<Known> => {
          const names = curves.map(({ metric }) => metric).join(',')
          const [metrics, learning] = await Promise.all([ask.metrics(id, names), ask.learning(id)])
          return { id, metrics, scores: scoresOf(learning) }
        }),
      ),
    [ids, steps],
  )
  const merged = groupsOf(ids, different.data, colorOf)
  const hasSeeds = merged.some(group => group.ids.length > 1)
  const single = ids.map((id, i): Group => ({ name: id, ids: [id], color: colorOf(i) }))
  return (
    <>
      <Section title="Compare runs">
        <Chosen ids={ids} hasSeeds={hasSeeds} />
        {ids.length === 0 && (
          <Empty>
            Choose runs in <a href={addressOf({ panel: 'runs' })}>the list of runs</a>.
          </Empty>
        )}
      </Section>
      {ids.length > 0 && (
        <>
          <Section title="What differs in them">
            <Await of={different}>{found => <Unlike found={found} known={all} />}</Await>
          </Section>
          {ids.length === 2 && <Flips before={ids[0] as string} after={ids[1] as string} />}
          <Await of={known}>
            {found => <Overlay known={found} groups={query.each === 'yes' ? single : merged} />}
          </Await>
        </>
      )}
    </>
  )
}
