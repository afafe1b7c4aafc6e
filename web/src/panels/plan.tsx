/** The needs of a config and whether it fits, next to the form that changes it. */
import { sizeText, span } from '../../../lib/formats.ts'
import type { Plan, PlanOrder } from '../api.ts'
import { useAsked } from '../asked.ts'
import { Facts, plain } from '../parts.tsx'
import { useRested } from '../rested.ts'

const sum = (parts: Record<string, number>) =>
  Object.values(parts).reduce((total, bytes) => total + bytes, 0)

function Rows({ plan }: { plan: Plan }) {
  const { memory, hardware, seconds, tokens, parameters } = plan
  const rows: [string, string][] = [
    ['model', `${(parameters / 1e6).toFixed(parameters < 1e8 ? 1 : 0)} M parameters`],
    ['on', `${hardware.name}, ${sizeText(hardware.memoryBytes)}`],
    ['peak memory', sizeText(memory.peak)],
    ['learner', sizeText(sum(memory.learner))],
    ['engine', sizeText(sum(memory.engine))],
    ['disk', sizeText(sum(memory.disk))],
    ['samples per step', Math.round(tokens.samples).toLocaleString('en')],
    ['time per step (estimate)', span(1000 * (seconds.sample + seconds.train + seconds.handOver))],
  ]
  return <Facts class="plan" facts={rows} />
}

function Verdict({ plan }: { plan: Plan }) {
  if (plan.refusals.length > 0) {
    return (
      <>
        <p class="failed">Its model cannot be used here:</p>
        <ul>
          {plan.refusals.map(reason => (
            <li key={reason}>{plain(reason)}</li>
          ))}
        </ul>
      </>
    )
  }
  if (plan.fits) return <p class="fits">It fits.</p>
  const cure = plan.cure?.join(' ')
  return (
    <p class="failed">It does not fit{cure ? `; with ${cure} it does.` : ' on this machine.'}</p>
  )
}

/** Copies a text. The browser may not allow that. */
function Copy({ text }: { text: string }) {
  if (!navigator.clipboard) return null
  return (
    <button type="button" onClick={() => void navigator.clipboard.writeText(text)}>
      copy
    </button>
  )
}

export const Command = ({ text }: { text: string }) => (
  <div class="command">
    <code>{plain(text)}</code> <Copy text={text} />
  </div>
)

/** The plan of an order. While the order is edited, the previous plan stays. */
export function PlanBeside({ order }: { order: PlanOrder }) {
  const rested = useRested(order)
  const { data, error } = useAsked(ask => ask.plan(rested), [rested])
  return (
    <aside class="beside card" aria-labelledby="plan">
      <h3 id="plan">The plan</h3>
      {error !== null && <p class="failed">{plain(error)}</p>}
      {error === null && data && (
        <>
          <Verdict plan={data} />
          <Rows plan={data} />
          {data.notes.map(note => (
            <p key={note} class="dim">
              {plain(note)}
            </p>
          ))}
          <h3>As a command</h3>
          <Command text={data.command} />
        </>
      )}
      {data === null && error === null && <p class="loading">loading …</p>}
    </aside>
  )
}
