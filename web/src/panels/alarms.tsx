/** The alarms of a run in words. Every panel shows them. */
import { span } from '../../../lib/formats.ts'
import type { Health as Found } from '../api.ts'
import { plain } from '../parts.tsx'
import { Remedy } from './remedy.tsx'

/** How long a restart is reported. */
const recentMs = 5 * 60_000

const restartsOf = ({ troubles, processes }: Found) =>
  troubles.filter(
    ({ event, atMs }) =>
      event.endsWith('.restarted') && processes.length > 0 && Date.now() - atMs < recentMs,
  )

export const isWell = (found: Found) =>
  found.failure === null &&
  found.alarms.length + found.hangs.length + restartsOf(found).length === 0

export function Alarms({ found }: { found: Found }) {
  const { alarms, hangs, failure } = found
  if (isWell(found)) return <p class="empty">No alarm, and nothing hangs.</p>
  return (
    <ul class="alarms">
      {failure !== null && (
        <li class="collapse">
          <strong>it failed</strong>
          <span>{plain(failure)}</span>
        </li>
      )}
      {hangs.map(({ what, message }) => (
        <li key={what} class="collapse">
          <strong>{plain(what)} hangs</strong>
          <span>{plain(message)}</span>
        </li>
      ))}
      {restartsOf(found).map(({ seq, event, atMs, detail }) => (
        <li key={seq}>
          <strong>
            {event.split('.')[0]} was restarted {span(Date.now() - atMs)} ago
          </strong>
          <span>{plain((detail as { error?: string } | null)?.error ?? '')}</span>
        </li>
      ))}
      {alarms.map(({ name, level, step, message, advice }) => (
        <li key={`${name} ${message}`} class={level}>
          <strong>
            {name}, since step {step}
          </strong>
          <span>
            {plain(message)}. {plain(advice)}
          </span>
          <Remedy alarm={{ name, level, step, message, advice }} />
        </li>
      ))}
    </ul>
  )
}
