/** The current step: its proposals one by one, its work in numbers, and where the time goes. */
import { percent } from '../../../lib/formats.ts'
import type { Progress, Step } from '../api.ts'
import { kinds, labelOf } from '../kinds.ts'
import { Empty, Table } from '../parts.tsx'
import { isLive, rowsAt } from '../state.ts'

const recent = 10

const parts = [
  ['sampling and judging', 'time-sampling', (step: Step) => step.rollingMs],
  ['learning', 'time-learning', (step: Step) => step.learnerMs],
  ['held-out suites', 'time-scoring', (step: Step) => step.evaluateMs],
] as const

/** Shares of the wall time of the last steps. Overlapping parts are cut at 100 %. */
export function TimeSplit({ steps }: { steps: Step[] }) {
  const last = steps.slice(-recent)
  const wall = last.reduce((sum, { wallMs }) => sum + wallMs, 0)
  if (wall === 0)
    return <Empty>{isLive.value ? 'The first step is in progress.' : 'No step is done.'}</Empty>
  const shares = parts.map(([name, color, of]) => {
    return { name, color, share: Math.min(1, last.reduce((sum, step) => sum + of(step), 0) / wall) }
  })
  const rest = Math.max(0, 1 - shares.reduce((sum, { share }) => sum + share, 0))
  const all = [...shares, { name: 'everything else', color: 'time-rest', share: rest }]
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
  return verdict === 'accepted' ? 'task' : 'wrong'
}

function Cells({ kind, proposals }: { kind: string; proposals: Progress['proposals'] }) {
  const mine = proposals.filter(one => one.kind === kind)
  const good = mine.filter(({ verdict }) => verdict === 'accepted').length
  return (
    <p class="cells">
      <span>{labelOf(kind)}</span>
      {mine.map(({ id, verdict, successRate }) => {
        const rate = successRate === null ? '' : `, solved ${percent(successRate)}`
        return (
          <i
            key={id}
            class={`cell ${classOf(verdict)}`}
            title={`${verdict ?? 'being judged'}${rate}`}
          />
        )
      })}
      <span class="hidden">
        {good} of {mine.length} are tasks
      </span>
    </p>
  )
}

export function ItemByItem({ progress }: { progress: Progress }) {
  const { step, work, proposals } = progress
  if (work.length === 0) return <Empty>Nothing was drafted in step {step} yet.</Empty>
  return (
    <div class="columns">
      <div>
        {kinds.value.map(({ name }) => (
          <Cells key={name} kind={name} proposals={proposals} />
        ))}
        <p>
          <a href={rowsAt({}, step)}>all proposals of step {step}</a>
        </p>
      </div>
      <Table
        heads={['work', 'kind', 'drafted', 'judged', 'good']}
        numbers={['drafted', 'judged', 'good']}
      >
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
    </div>
  )
}
