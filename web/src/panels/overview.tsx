/** The overview: whether the run learns, held-out accuracy from start to now, the game, curves. */
import { useMemo } from 'preact/hooks'
import { percent } from '../../../lib/formats.ts'
import type { Overview as Found, Metrics } from '../api.ts'
import { Chart, ChartControls, type Series } from '../chart/index.tsx'
import { Await, Empty, Section } from '../parts.tsx'
import { addressOf, isLive, until, useFetched } from '../state.ts'
import { Curves, learnableTasks, meanReward, rightAnswers, validProposals } from './curves.tsx'
import { Game } from './game.tsx'
import { colorOf } from './learning.tsx'
import { Verdict } from './verdict.tsx'

type Line = Found['suites'][number]

/** Answers without forcing and without pass@k. */
const isPlain = ({ mode }: Line) => /^(greedy|sampled)/.test(mode) && !mode.includes('pass@')

const digits = (share: number) => (100 * share).toFixed(1)
const signed = (share: number) => `${share < 0 ? '−' : '+'}${digits(Math.abs(share))}`

/** The accuracy from start to now, with its interval. */
function Path({ line }: { line: Line }) {
  const { mode, points, change } = line
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return null
  const sure = change && (change.interval.low > 0 ? 'rose' : change.interval.high < 0 ? 'fell' : '')
  return (
    <div class={`path ${sure}`}>
      <dt>
        <i class={`swatch of-${colorOf(mode)}`} /> {mode}
      </dt>
      <dd>
        {change ? (
          <>
            <b>
              {digits(change.before)} → {percent(change.after, 1)}
            </b>{' '}
            <span>
              {signed(change.difference)} points [{signed(change.interval.low)} to{' '}
              {signed(change.interval.high)}]
            </span>
          </>
        ) : (
          <>
            <b>{percent(last.value, 1)}</b>{' '}
            <span>
              [{digits(last.low)} to {digits(last.high)}] at step {last.step}
            </span>
          </>
        )}
      </dd>
    </div>
  )
}

const seriesOf = (lines: Line[]): Series[] =>
  lines.map(({ suite, mode, points }) => ({
    name: mode,
    color: colorOf(mode),
    points: points.map(({ step, value }) => [step, value] as const),
    band: points.map(({ step, low, high }) => [step, low, high] as const),
    query: { list: 'rollouts', purpose: 'evaluate', suite },
  }))

function Suite({ suite, lines }: { suite: string; lines: Line[] }) {
  const series = useMemo(() => seriesOf(lines), [lines])
  const start = lines[0]?.points[0]
  const references =
    start && start.step === 0 ? [{ name: 'start', value: start.value, color: 'dim' }] : []
  const items = lines[0]?.items ?? 0
  return (
    <article class="card suite">
      <h3>
        {suite} <span>{items.toLocaleString('en')} items</span>
      </h3>
      <dl>
        {lines.map(line => (
          <Path key={line.mode} line={line} />
        ))}
      </dl>
      <Chart
        title={`Accuracy on ${suite}`}
        unit="accuracy"
        series={series}
        references={references}
      />
    </article>
  )
}

/** The suites that the run is judged by come first. */
function Suites({ found }: { found: Found }) {
  const shown = found.suites.filter(isPlain)
  const groups = [...Map.groupBy(shown, ({ suite }) => suite)]
  const rank = (suite: string) => (found.headlines.includes(suite) ? 0 : 1)
  if (groups.length === 0) {
    return (
      <Empty>
        {isLive.value
          ? 'No held-out suite is scored yet: the first answers come with step 0.'
          : 'No held-out suite was scored.'}
      </Empty>
    )
  }
  return (
    <div class="suites">
      {groups
        .toSorted(([a], [b]) => rank(a) - rank(b))
        .map(([suite, lines]) => (
          <Suite key={suite} suite={suite} lines={lines} />
        ))}
    </div>
  )
}

const wanted = 'reward.proposer.all,reward.solver.all,valid.*,learnable.*,accuracy.*'

const curvesOf = () => [meanReward, rightAnswers(), validProposals(), learnableTasks()]

export function Overview() {
  const at = until.value ?? undefined
  const overview = useFetched((ask, id) => ask.overview(id, at))
  const health = useFetched((ask, id) => ask.health(id, at))
  const machines = useFetched((ask, id) => ask.machines(id, at))
  const progress = useFetched((ask, id) => ask.progress(id, at))
  const metrics = useFetched((ask, id) => ask.metrics(id, wanted))
  return (
    <div class="overview">
      <Await of={overview}>
        {found => (
          <Verdict
            found={found}
            health={health.data}
            machines={machines.data}
            progress={progress.data}
          />
        )}
      </Await>
      <Game />
      <Section title="Held-out accuracy, from start to now">
        <p class="dim">
          Means over the kinds with 95% intervals.{' '}
          <a href={addressOf({ panel: 'learning', query: {} })}>Each kind separately</a>
        </p>
        <Await of={overview}>{found => <Suites found={found} />}</Await>
      </Section>
      <Section title="Self-play">
        <ChartControls />
        <Await of={metrics}>
          {(found: Metrics) => <Curves curves={curvesOf()} found={found} />}
        </Await>
      </Section>
    </div>
  )
}
