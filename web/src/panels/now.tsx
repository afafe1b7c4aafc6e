/** What goes on: the step item by item, where the time goes, how long it will take, the actors. */
import { percent, span } from '../../../lib/formats.ts'
import type { Progress, Step } from '../api.ts'
import { kinds, labelOf } from '../kinds.ts'
import { Await, Empty, Section, Table } from '../parts.tsx'
import { addressOf, isLive, run, until, upTo, useFetched } from '../state.ts'
import { Statechart } from '../statechart.tsx'

/** The pace of the last steps tells more than that of all. */
const recent = 10
const mean = (values: number[]) =>
  values.reduce((sum, value) => sum + value, 0) / (values.length || 1)

function Figures({ steps }: { steps: Step[] }) {
  const { steps: wanted = 0 } = run.value ?? {}
  const last = steps.filter(({ step }) => step > 0).slice(-recent)
  const wallMs = mean(last.map(({ wallMs }) => wallMs))
  const perSecond = (name: 'rollouts' | 'executions') =>
    wallMs > 0 ? (mean(last.map(step => step[name])) / wallMs) * 1000 : 0
  const done = steps.at(-1)?.step ?? 0
  const left = Math.max(0, wanted - done)
  const figures: [string, string][] = [
    ['steps done', `${done} of ${wanted}`],
    ['a step takes', last.length > 0 ? span(wallMs) : '–'],
    ['time left', last.length > 0 ? (left === 0 ? 'none' : `about ${span(left * wallMs)}`) : '–'],
    ['completions', `${perSecond('rollouts').toFixed(1)} a second`],
    ['executions', `${perSecond('executions').toFixed(1)} a second`],
  ]
  return (
    <dl class="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const parts = [
  ['sampling and judging', 'blue', (step: Step) => step.rollingMs],
  ['learning', 'rust', (step: Step) => step.learnerMs],
  ['held-out suites', 'green', (step: Step) => step.evaluateMs],
] as const

/** Shares of the wall time of the last steps; what overlaps is cut at the whole. */
function TimeSplit({ steps }: { steps: Step[] }) {
  const last = steps.slice(-recent)
  const wall = last.reduce((sum, { wallMs }) => sum + wallMs, 0)
  if (wall === 0) return <Empty>The first step is under way.</Empty>
  const shares = parts.map(([name, color, of]) => {
    return { name, color, share: Math.min(1, last.reduce((sum, step) => sum + of(step), 0) / wall) }
  })
  const rest = Math.max(0, 1 - shares.reduce((sum, { share }) => sum + share, 0))
  const all = [...shares, { name: 'everything else', color: 'dim', share: rest }]
  return (
    <figure>
      <figcaption>
        <strong>Where the time of the last {last.length} steps went</strong>
      </figcaption>
      <div class="split" aria-hidden="true">
        {all.map(({ name, color, share }) => (
          <i key={name} class={`of-${color}`} style={{ flexGrow: share }} />
        ))}
      </div>
      <span class="legend">
        {all.map(({ name, color, share }) => (
          <span key={name}>
            <i class={`swatch of-${color}`} />
            {name} {percent(share)}
          </span>
        ))}
      </span>
    </figure>
  )
}

const purposes = {
  seed: 'seed proposals',
  propose: 'proposals',
  estimate: 'estimates',
  solve: 'answers to train on',
  evaluate: 'held-out answers',
  probe: 'probes',
}

function classOf(verdict: string | null): string {
  if (verdict === null) return 'open'
  return verdict === 'accepted' || verdict === 'correct' ? 'right' : 'wrong'
}

function ItemByItem({ progress }: { progress: Progress }) {
  const { step, work, proposals } = progress
  if (work.length === 0) return <Empty>Nothing was drafted in step {step} yet.</Empty>
  return (
    <>
      {kinds.value.map(({ name, label }) => (
        <p key={name} class="cells">
          <span>{label}</span>
          {proposals
            .filter(one => one.kind === name)
            .map(({ id, verdict, successRate }) => {
              const rate = successRate === null ? '' : `, solved ${percent(successRate)}`
              const what = `${verdict ?? 'being judged'}${rate}`
              return (
                <a
                  key={id}
                  class={`cell ${classOf(verdict)}`}
                  href={addressOf({ panel: 'tasks', query: { rollout: id } })}
                  title={what}
                >
                  <span class="hidden">{what}</span>
                </a>
              )
            })}
        </p>
      ))}
      <Table heads={['work', 'kind', 'drafted', 'judged', 'good']}>
        {work.map(({ purpose, kind, drafted, judged, good }) => (
          <tr key={`${purpose} ${kind}`}>
            <td>{purposes[purpose]}</td>
            <td>{labelOf(kind)}</td>
            <td class="number">{drafted}</td>
            <td class="number">{judged}</td>
            <td class="number">{good}</td>
          </tr>
        ))}
      </Table>
    </>
  )
}

export function Now() {
  const steps = useFetched((ask, id) => ask.steps(id))
  const at = until.value ?? undefined
  const progress = useFetched((ask, id) => ask.progress(id, at))
  const machines = useFetched((ask, id) => ask.machines(id, at))
  const charts = useFetched(ask => ask.charts())
  return (
    <>
      <Section title="Pace">
        <Await of={steps}>
          {all => {
            const known = all.filter(({ step }) => step <= upTo.value)
            return (
              <>
                <Figures steps={known} />
                <TimeSplit steps={known} />
              </>
            )
          }}
        </Await>
      </Section>
      {(isLive.value || at !== undefined) && (
        <Section title={`Step ${progress.data?.step ?? ''}, item by item`}>
          <Await of={progress}>{found => <ItemByItem progress={found} />}</Await>
        </Section>
      )}
      <Section title="Actors">
        {at !== undefined && <Empty>As they were when step {at} was over.</Empty>}
        {at === undefined && !isLive.value && (
          <Empty>Nobody works on this run now: these are the last states.</Empty>
        )}
        <Await of={charts}>
          {({ items }) => (
            <div class="actors">
              {items.map(chart => (
                <Statechart
                  key={chart.actor}
                  chart={chart}
                  atMs={machines.data?.atMs ?? null}
                  machine={machines.data?.items.find(({ actor }) => actor === chart.actor)}
                />
              ))}
            </div>
          )}
        </Await>
      </Section>
    </>
  )
}
