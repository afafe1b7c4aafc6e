/** Shows what was learned: held-out accuracy with intervals, and curves of self-play. */
import type { Learning as Found } from '../api.ts'
import { Chart, ChartControls, type Reference, type Series } from '../chart/index.tsx'
import { kinds, perKind } from '../kinds.ts'
import { Await, Empty, Section } from '../parts.tsx'
import { addressOf, go, here, isLive, runId, runs, until, upTo, useFetched } from '../state.ts'
import {
  type Curve,
  Curves,
  learnableTasks,
  meanReward,
  rightAnswers,
  validProposals,
} from './curves.tsx'

type Line = Found['lines'][number]

const modes = ['greedy', 'sampled', 'direct', 'scratch']
/** pass@k has its own colour, because it counts the same answers differently. */
export const colorOf = (mode: string) =>
  mode.includes('pass@') ? 'pass' : (modes.find(name => mode.startsWith(name)) ?? 'all')

const whole = (share: number) => String(Math.round(share * 100))

function noteOf(points: Line['points']): string {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return ''
  const path = points.length > 1 ? `${whole(first.value)} → ` : ''
  return `${path}${whole(last.value)}% [${whole(last.low)}–${whole(last.high)}]`
}

function seriesOf(lines: Line[], other: string | null): Series[] {
  return lines.map(({ suite, kind, mode, items, points: all }) => {
    const points = all.filter(({ step }) => step <= upTo.value)
    const isOnly = lines.filter(line => line.mode === mode).length === 1
    const name = isOnly ? mode : `${mode}, ${items} items`
    return {
      name: other === null ? name : `${name} of ${other}`,
      color: colorOf(mode),
      points: points.map(({ step, value }) => [step, value] as const),
      ...(other === null
        ? {
            band: points.map(({ step, low, high }) => [step, low, high] as const),
            query: { list: 'rollouts', purpose: 'evaluate', suite, kind },
          }
        : { isDashed: true, run: other }),
      note: noteOf(points),
    }
  })
}

/** The start of the first line, if it is the base model's. */
function startOf(lines: Line[]): Reference[] {
  const [first] = lines[0]?.points ?? []
  return first?.step === 0 ? [{ name: 'start', value: first.value, color: 'dim' }] : []
}

function Suites({ found, other, name }: { found: Found; other: Found | null; name: string }) {
  if (found.lines.length === 0) {
    return (
      <Empty>
        {isLive.value ? 'The first evaluation is at step 0.' : 'No held-out suite was scored.'}
      </Empty>
    )
  }
  const suites = Map.groupBy(found.lines, ({ suite }) => suite)
  const of = (lines: Line[], suite: string, kind: string) =>
    lines.filter(line => line.suite === suite && line.kind === kind)
  return (
    <>
      {[...suites].map(([suite, lines]) => (
        <div key={suite}>
          <h3>
            {suite} · {[...new Set(lines.map(({ items }) => items))].join(' or ')} items per kind
          </h3>
          <div class="charts">
            {kinds.value
              .filter(kind => lines.some(line => line.kind === kind.name))
              .map(kind => (
                <Chart
                  key={kind.name}
                  title={`${suite}: ${kind.label}`}
                  unit="accuracy"
                  references={startOf(of(lines, suite, kind.name))}
                  series={[
                    ...seriesOf(of(lines, suite, kind.name), null),
                    ...(other ? seriesOf(of(other.lines, suite, kind.name), name) : []),
                  ]}
                />
              ))}
          </div>
        </div>
      ))}
    </>
  )
}

const one = (metric: string): Curve['names'] => [['all', metric, 'all']]
const [tokens, nats] = ['tokens', 'nats per token']

const curvesOfAll = (): Curve[] => [
  rightAnswers(),
  learnableTasks(),
  validProposals(),
  meanReward,
  ...[
    { title: 'Reward of the solver', names: perKind('reward.solver'), unit: 'reward' },
    { title: 'Reward of the proposer', names: perKind('reward.proposer'), unit: 'reward' },
    { title: 'Length of proposals', names: perKind('length.proposer'), unit: tokens },
    { title: 'Length of answers', names: perKind('length.solver'), unit: tokens },
    { title: 'Entropy', names: one('entropy'), unit: nats },
    { title: 'Mismatch KL of engine and learner', names: one('mismatch.kl'), unit: nats },
    { title: 'Mismatch KL of the solver', names: perKind('mismatch.kl.solver'), unit: nats },
    { title: 'Mismatch KL of the proposer', names: perKind('mismatch.kl.proposer'), unit: nats },
    { title: 'Gradient norm', names: one('gradient.norm'), unit: 'norm' },
    { title: 'Loss', names: one('loss'), unit: 'loss' },
  ].map(curve => ({ ...curve, isShare: false })),
]
const wanted =
  'accuracy.*,learnable.*,valid.*,reward.*,length.*,entropy,mismatch.kl*,gradient.norm,loss'

function Compare({ other }: { other: string }) {
  const names = (runs.value ?? []).map(({ id }) => id).filter(id => id !== runId.value)
  if (names.length === 0) return null
  return (
    <label>
      compare with{' '}
      <select
        value={other}
        onChange={event => {
          const { value } = event.currentTarget
          go({ query: value ? { with: value } : {} })
        }}
      >
        <option value="">no other run</option>
        {names.map(id => (
          <option key={id}>{id}</option>
        ))}
      </select>
    </label>
  )
}

export function Learning() {
  const { with: other = '' } = here.value.query
  const at = until.value ?? undefined
  const learning = useFetched((ask, id) => ask.learning(id, at))
  const metrics = useFetched((ask, id) => ask.metrics(id, wanted))
  const second = useFetched(
    async ask => ({
      learning: other ? await ask.learning(other, at) : null,
      metrics: other ? await ask.metrics(other, wanted) : null,
    }),
    [other],
  )
  return (
    <>
      <Section title="Held-out accuracy, with 95% intervals">
        <div class="toolbar">
          <ChartControls />
          <Compare other={other} />
        </div>
        <Await of={learning}>
          {found => (
            <>
              {found.outcome !== null && <p id="outcome">{found.outcome}</p>}
              <Suites found={found} other={second.data?.learning ?? null} name={other} />
            </>
          )}
        </Await>
      </Section>
      <Section title="Self-play">
        <p>
          <a href={addressOf({ panel: 'tasks', query: {} })}>All tasks and rollouts</a>
        </p>
        <Await of={metrics}>
          {found => (
            <Curves
              curves={curvesOfAll()}
              found={found}
              other={second.data?.metrics ?? null}
              name={other}
            />
          )}
        </Await>
      </Section>
    </>
  )
}
