/**
 * Draws an actor's machine: its states in a column, its transitions as arcs. The current state and
 * its possible transitions are coloured.
 */

import { span } from '../../lib/formats.ts'
import type { Chart, Machine } from './api.ts'
import { plain, useNow } from './parts.tsx'

const row = 20
const left = 12
const arcs = 150
const most = 44

type Arc = { from: number; to: number; event: string; isNext: boolean }

function arcsOf({ states }: Chart, current: string): Arc[] {
  const place = new Map(states.map(({ id }, i) => [id, i]))
  const seen = new Set<string>()
  return states.flatMap(({ id, to }, from) =>
    to.flatMap(({ event, target }) => {
      const at = place.get(target)
      const key = `${from} ${at}`
      if (at === undefined || at === from || seen.has(key)) return []
      seen.add(key)
      return [{ from, to: at, event, isNext: id === current }]
    }),
  )
}

const middle = (i: number) => i * row + row / 2

function ArcLine({ arc }: { arc: Arc }) {
  const { from, to, event, isNext } = arc
  const bulge = arcs + Math.min(most, 6 + Math.abs(to - from) * 5)
  const [y1, y2] = [middle(from), middle(to)]
  const tip = `M ${arcs + 5} ${y2 - 3} L ${arcs} ${y2} L ${arcs + 5} ${y2 + 3}`
  return (
    <g class={isNext ? 'arc next' : 'arc'}>
      <title>{event || 'immediately, if possible'}</title>
      <path d={`M ${arcs} ${y1} C ${bulge} ${y1} ${bulge} ${y2} ${arcs} ${y2}`} />
      <path d={tip} />
    </g>
  )
}

/** The share of its deadline that an actor has used since its last message. */
function Deadline({ machine, now }: { machine: Machine; now: number }) {
  const { sinceMs, deadlineMs, lastMessage, state } = machine
  const heard = Math.max(sinceMs, lastMessage?.atMs ?? 0)
  const isResting = /(idle|serving|finished|failed)$/.test(state)
  const used = isResting ? 0 : Math.min(1, (now - heard) / deadlineMs)
  return (
    <meter
      min={0}
      max={1}
      high={0.7}
      value={used}
      aria-label={`${machine.actor}: used share of its deadline of ${span(deadlineMs)}`}
    />
  )
}

export function Statechart(props: {
  chart: Chart
  machine: Machine | undefined
  /** The time to show; null means now. */
  atMs: number | null
}) {
  const { chart, machine, atMs } = props
  const clock = useNow()
  const now = atMs ?? clock
  const current = machine?.state ?? ''
  const last = machine?.lastMessage
  const height = chart.states.length * row
  return (
    <article class="actor">
      <header>
        <strong>{chart.actor}</strong>
        <span>
          {machine ? `${plain(current)} for ${span(now - machine.sinceMs)}` : 'not there'}
        </span>
      </header>
      {machine && <Deadline machine={machine} now={now} />}
      <p class="last">
        {last ? `${plain(last.type)}, ${span(now - last.atMs)} ago` : 'no message yet'}
        {machine && ` · deadline ${span(machine.deadlineMs)}`}
      </p>
      <svg
        viewBox={`0 0 ${arcs + most + 8} ${height}`}
        role="img"
        aria-label={`States of ${chart.actor}: ${chart.states.map(({ id }) => id).join(', ')}; now ${current || 'none'}`}
      >
        {arcsOf(chart, current).map(arc => (
          <ArcLine key={`${arc.from} ${arc.to}`} arc={arc} />
        ))}
        {chart.states.map(({ id }, i) => (
          <g key={id} class={id === current ? 'state current' : 'state'}>
            <circle cx={6} cy={middle(i)} r={4} />
            <text x={left + 4} y={middle(i) + 4}>
              {id.includes('.') ? `· ${id.split('.').at(-1)}` : id}
            </text>
          </g>
        ))}
      </svg>
    </article>
  )
}
