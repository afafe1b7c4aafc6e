/** The legend of a chart: each curve's name, with its value at the cursor or at its end. */
import { rowsAt } from '../state.ts'
import { pointAt, type Series } from './series.ts'
import { hidden, toggle } from './settings.ts'

type Item = {
  one: Series
  /** The key of this chart's series in the set of hidden ones. */
  id: string
  /** The step under the cursor; null if there is none. */
  at: number | null
  /** The last step of the run. */
  last: number
  format: (value: number) => string
}

function textOf({ one, at, last, format }: Item): { value: string; step: number; old: string } {
  const point = at === null ? one.points.at(-1) : pointAt(one.points, at)
  if (!point) return { value: '–', step: last, old: '' }
  const [step, value] = point
  // A value that was not measured at the last step is shown with its own step.
  const old = step < (at ?? last) ? ` (step ${step})` : ''
  return { value: at === null && one.note ? one.note : format(value), step, old }
}

function LegendItem(props: Item) {
  const { one, id } = props
  const isHidden = hidden.value.has(id)
  const { value, step, old } = textOf(props)
  const text = (
    <>
      {one.name} <b>{value}</b>
      {old}
    </>
  )
  return (
    <span class={isHidden ? 'off' : undefined}>
      <button
        type="button"
        class="swatch-toggle"
        aria-pressed={!isHidden}
        aria-label={`${one.name}: shown`}
        title={isHidden ? `show ${one.name}` : `hide ${one.name}`}
        onClick={() => toggle(hidden, id)}
      >
        <i class={`swatch of-${one.color}${one.isDashed ? ' dashed' : ''}`} />
      </button>
      {one.query ? (
        <a href={rowsAt(one.query, step)} title={`show the rows of step ${step}`}>
          {text}
        </a>
      ) : (
        <span>{text}</span>
      )}
    </span>
  )
}

export function Legend(props: {
  title: string
  series: readonly Series[]
  at: number | null
  last: number
  format: (value: number) => string
}) {
  const { title, series, ...rest } = props
  return (
    <span class="legend">
      {series.map(one => (
        <LegendItem key={one.name} one={one} id={`${title}/${one.name}`} {...rest} />
      ))}
    </span>
  )
}
