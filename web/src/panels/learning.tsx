/** What was learned: held-out accuracy with intervals, and the curves of self-play; two runs at once. */
import type { Learning as Found, Metrics } from '../api.ts'
import { Chart } from '../chart.tsx'
import { kinds, perKind } from '../kinds.ts'
import { queryOf } from '../links.ts'
import { Await, Empty, Section } from '../parts.tsx'
import type { Series } from '../series.ts'
import { addressOf, go, here, runId, runs, until, upTo, useFetched } from '../state.ts'

type Line = Found['lines'][number]

const modes = ['greedy', 'sampled', 'direct', 'scratch']
/** pass@k counts the same answers in another way: a colour of its own. */
const colorOf = (mode: string) =>
  mode.includes('pass@') ? 'pass' : (modes.find(name => mode.startsWith(name)) ?? 'other')

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
        : { isDashed: true }),
      note: noteOf(points),
    }
  })
}

function Suites({ found, other, name }: { found: Found; other: Found | null; name: string }) {
  if (found.lines.length === 0) return <Empty>The first evaluation is at step 0.</Empty>
  const suites = Map.groupBy(found.lines, ({ suite }) => suite)
  const of = (lines: Line[], suite: string, kind: string) =>
    lines.filter(line => line.suite === suite && line.kind === kind)
  return (
    <>
      {[...suites].map(([suite, lines]) => (
        <div key={suite}>
          <h3>
            {suite} · {[...new Set(lines.map(({ items }) => items))].join(' or ')} items a kind
          </h3>
          <div class="charts">
            {kinds.value
              .filter(kind => lines.some(line => line.kind === kind.name))
              .map(kind => (
                <Chart
                  key={kind.name}
                  title={kind.label}
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

type Curve = {
  title: string
  names: [label: string, metric: string, color: string][]
  isShare?: boolean
}
const one = (metric: string, color = 'other'): Curve['names'] => [['all', metric, color]]

const curvesOfAll = (): Curve[] => [
  { title: 'Answers that are right', names: perKind('accuracy') },
  { title: 'Learnable tasks: solved sometimes', names: perKind('learnable') },
  { title: 'Proposals that are valid tasks', names: perKind('valid') },
  {
    title: 'Mean reward',
    isShare: false,
    names: [
      ['solver', 'reward.solver.all', 'greedy'],
      ['proposer', 'reward.proposer.all', 'sampled'],
    ],
  },
  { title: 'Reward of the solver', names: perKind('reward.solver'), isShare: false },
  { title: 'Reward of the proposer', names: perKind('reward.proposer'), isShare: false },
  { title: 'Length of proposals, tokens', names: perKind('length.proposer'), isShare: false },
  { title: 'Length of answers, tokens', names: perKind('length.solver'), isShare: false },
  { title: 'Entropy, nats a token', names: one('entropy'), isShare: false },
  { title: 'Mismatch KL of engine and learner', names: one('mismatch.kl'), isShare: false },
  { title: 'Mismatch KL of the solver', names: perKind('mismatch.kl.solver'), isShare: false },
  { title: 'Mismatch KL of the proposer', names: perKind('mismatch.kl.proposer'), isShare: false },
  { title: 'Norm of the gradient', names: one('gradient.norm'), isShare: false },
  { title: 'Loss', names: one('loss'), isShare: false },
]
const wanted =
  'accuracy.*,learnable.*,valid.*,reward.*,length.*,entropy,mismatch.kl*,gradient.norm,loss'

export function Curves(props: {
  curves: Curve[]
  found: Metrics
  other?: Metrics | null
  name?: string
}) {
  const known = kinds.value.map(({ name }) => name)
  return (
    <div class="charts">
      {props.curves.map(({ title, names, isShare }) => (
        <Chart
          key={title}
          title={title}
          isShare={isShare ?? true}
          series={names.flatMap(([name, metric, color]): Series[] => [
            { name, color, points: props.found[metric] ?? [], query: queryOf(metric, known) },
            ...(props.other
              ? [
                  {
                    name: `${name} of ${props.name}`,
                    color,
                    isDashed: true,
                    points: props.other[metric] ?? [],
                  },
                ]
              : []),
          ])}
        />
      ))}
    </div>
  )
}

function Compare({ other }: { other: string }) {
  const names = (runs.value ?? []).map(({ id }) => id).filter(id => id !== runId.value)
  if (names.length === 0) return null
  return (
    <label>
      beside{' '}
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
        <Compare other={other} />
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
