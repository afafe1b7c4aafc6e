/** The difficulty of the tasks that the model invents, and the share of new ones. */

import { useEffect, useRef } from 'preact/hooks'
import { percent } from '../../../lib/formats.ts'
import type { Rates } from '../api.ts'
import { Chart, ChartControls } from '../chart/index.tsx'
import { colorOf, kinds, perKind } from '../kinds.ts'
import { Await, Empty, Section } from '../parts.tsx'
import { addressOf, rowsAt, upTo, useFetched } from '../state.ts'
import { Curves } from './curves.tsx'

const width = 340
const height = 200
const left = 50
const bottom = 18

type Column = { step: number; counts: number[]; total: number }

function columnsOf(rates: Rates, kind: string): Column[] {
  const mine = rates.filter(one => one.step <= upTo.value && (kind === 'all' || one.kind === kind))
  // Success rates of four answers use every other bin, so leave out the bins between.
  const isCoarse = mine.every(({ counts }) =>
    counts.every((count, i) => i % 2 === 0 || count === 0),
  )
  return [...Map.groupBy(mine, ({ step }) => step)].map(([step, group]) => {
    const [first] = group
    const sums = (first?.counts ?? []).map((_, i) =>
      group.reduce((sum, one) => sum + (one.counts[i] ?? 0), 0),
    )
    const counts = isCoarse ? sums.filter((_, i) => i % 2 === 0) : sums
    return { step, counts, total: counts.reduce((sum, count) => sum + count, 0) }
  })
}

const howOften = (bin: number, bins: number) =>
  bin === 0 ? 'never' : bin === bins - 1 ? 'always' : 'sometimes'

/** The shares of the last step in words. Each links to its tasks. */
function Shares({ rates, kind }: { rates: Rates; kind: string }) {
  const last = columnsOf(rates, kind).at(-1)
  if (!last || last.total === 0) return null
  const [never = 0, always = 0] = [last.counts[0], last.counts.at(-1)]
  const shares = { always, sometimes: last.total - never - always, never }
  return (
    <span class="legend">
      {Object.entries(shares).map(([solved, count]) => (
        <a key={solved} href={rowsAt({ kind, solved }, last.step)}>
          {solved} {percent(count / last.total)}
        </a>
      ))}
    </span>
  )
}

/** A click on a cell lists its tasks. Without a mouse, the links above it do the same. */
function useCells() {
  const svg = useRef<SVGSVGElement>(null)
  useEffect(() => {
    const follow = ({ target }: Event) => {
      const { rows } = (target as SVGElement).dataset
      if (rows) location.hash = rows
    }
    svg.current?.addEventListener('click', follow)
    return () => svg.current?.removeEventListener('click', follow)
  }, [svg.current])
  return svg
}

/** A column per step, a row per success rate. A darker cell has a larger share of the tasks. */
function Heat({ rates, kind }: { rates: Rates; kind: string }) {
  const columns = columnsOf(rates, kind)
  const svg = useCells()
  if (columns.length === 0) return <Empty>No task has a success rate.</Empty>
  const rows = columns[0]?.counts.length ?? 1
  const cellWidth = (width - left) / columns.length
  const cellHeight = (height - bottom) / rows
  const last = columns.at(-1) as Column
  const share = (i: number) => percent((last.counts[i] ?? 0) / (last.total || 1))
  return (
    <svg
      ref={svg}
      class="heat"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`Success rates of ${kind} at step ${last.step}: never ${share(0)}, always ${share(rows - 1)}`}
    >
      {columns.flatMap(({ step, counts, total }, x) =>
        counts.map((count, i) => (
          <rect
            key={`${step} ${i}`}
            data-rows={rowsAt({ kind, solved: howOften(i, rows) }, step)}
            x={left + x * cellWidth}
            y={(rows - 1 - i) * cellHeight}
            width={cellWidth - 0.5}
            height={cellHeight - 0.5}
            fill-opacity={total === 0 ? 0 : 0.04 + 0.96 * Math.sqrt(count / total)}
          >
            <title>{`step ${step}, solved ${percent(i / (rows - 1))}: ${count} of ${total}`}</title>
          </rect>
        )),
      )}
      {['always', 'half', 'never'].map((name, i) => (
        <text key={name} x={left - 4} y={10 + (i * (height - bottom - 12)) / 2} text-anchor="end">
          {name}
        </text>
      ))}
      <text x={left} y={height - 4}>
        step {columns[0]?.step}
      </text>
      <text x={width} y={height - 4} text-anchor="end">
        step {last.step}
      </text>
    </svg>
  )
}

/** The shares of tasks that are never and always solved, over the steps. */
function endsOf(rates: Rates) {
  const columns = columnsOf(rates, 'all').filter(({ total }) => total > 0)
  const share = (pick: (counts: number[]) => number) =>
    columns.map(({ step, counts, total }) => [step, pick(counts) / total] as const)
  return [
    {
      name: 'always solved',
      color: 'right',
      query: { solved: 'always' },
      points: share(counts => counts.at(-1) ?? 0),
    },
    {
      name: 'never solved',
      color: 'wrong',
      query: { solved: 'never' },
      points: share(counts => counts[0] ?? 0),
    },
  ]
}

const curves = [
  ['Duplicates', 'duplicates', true, 'share of proposals'],
  ['Tasks in the buffers', 'buffer', false, 'tasks'],
  ['Diversity of tasks', 'editDistance', false, 'AST distance'],
  ['Answer surprise', 'answerDiversity', true, 'share of new answers'],
  ['Complexity of programs', 'complexity', false, 'complexity'],
] as const

export function Frontier() {
  const rates = useFetched((ask, id) => ask.rates(id))
  const metrics = useFetched((ask, id) =>
    ask.metrics(id, curves.map(([, name]) => `${name}.*`).join(',')),
  )
  return (
    <>
      <Section title="Success rates of new tasks over time">
        <p class="dim">
          Tasks that are sometimes solved teach most. They are in the middle of this picture.{' '}
          <a href={addressOf({ panel: 'tasks', query: { verdict: 'accepted' } })}>the tasks</a>
        </p>
        <Await of={rates}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty>No task has a success rate.</Empty>
            ) : (
              <div class="charts">
                {kinds.value.map(({ name, label }) => (
                  <figure key={name} class={`of-${colorOf(name)}`}>
                    <figcaption>
                      <strong>{label}</strong>
                      <Shares rates={items} kind={name} />
                    </figcaption>
                    <Heat rates={items} kind={name} />
                  </figure>
                ))}
                <Chart
                  title="Too easy and too hard"
                  unit="share of new tasks"
                  series={endsOf(items)}
                />
              </div>
            )
          }
        </Await>
      </Section>
      <Section title="Novelty and growth">
        <ChartControls />
        <Await of={metrics}>
          {found => (
            <Curves
              found={found}
              curves={curves.map(([title, name, isShare, unit]) => ({
                title,
                isShare,
                unit,
                names: perKind(name),
              }))}
            />
          )}
        </Await>
      </Section>
    </>
  )
}
