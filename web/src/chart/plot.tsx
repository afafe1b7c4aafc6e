/** The curves, drawn by uPlot. A new shape makes a new plot; otherwise it only gets new data. */
import { useSignalEffect } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { rowsAt } from '../state.ts'
import { repaint } from './colors.ts'
import { handleKey } from './keys.ts'
import { formatOf, hasDots, optionsOf, type Shape } from './options.ts'
import { type Columns, columnsEach, inWords, type Series } from './series.ts'
import { pointed, pointTo, zoom } from './settings.ts'

const sizeOf = (at: HTMLElement) => ({
  width: Math.max(80, at.clientWidth),
  height: Math.max(80, at.clientHeight),
})

type Drawn = { series: readonly Series[]; columns: Columns }
const valueAt = ({ columns }: Drawn, series: number, index: number) =>
  columns.data[columnsEach * series + 1]?.[index]

/** The index of the cursor, whether mouse or keyboard moved it. */
function indexOf({ columns: { data } }: Drawn): number | null {
  const at = pointed.peek()
  const found = at === null ? -1 : (data[0] ?? []).indexOf(at.x)
  return found < 0 ? null : found
}

/** The curve that is nearest to the mouse. */
function nearest(plot: uPlot, drawn: Drawn, index: number): number {
  const { top = 0 } = plot.cursor
  const distances = drawn.series.map((_, i) => {
    const value = valueAt(drawn, i, index)
    return typeof value === 'number' ? Math.abs(plot.valToPos(value, 'y') - top) : Infinity
  })
  return distances.indexOf(Math.min(...distances))
}

/** Opens the rows of a point. */
function follow(drawn: Drawn, series: number): void {
  const index = indexOf(drawn)
  const query = drawn.series[series]?.query
  if (index === null || query === undefined) return
  location.hash = rowsAt(query, drawn.columns.steps[index] as number)
}

/** Keeps the plot's size and follows the mouse. Returns a function that stops this. */
function attend(plot: uPlot, box: HTMLElement, latest: { current: Drawn }): () => void {
  const observer = new ResizeObserver(() => box.clientWidth > 0 && plot.setSize(sizeOf(box)))
  observer.observe(box)
  const { over } = plot
  let began = 0
  over.addEventListener('mousemove', () => {
    const { idx } = plot.cursor
    const x = typeof idx === 'number' ? plot.data[0][idx] : undefined
    const step = latest.current.columns.steps[idx ?? -1]
    pointTo(x === undefined || step === undefined ? null : { x, step })
  })
  over.addEventListener('mouseleave', ({ buttons }) => {
    // During a selection the cursor marks one of its ends.
    if (buttons === 0) pointTo(null)
  })
  over.addEventListener('mousedown', event => {
    began = event.clientX
  })
  over.addEventListener('click', event => {
    const index = indexOf(latest.current)
    // The end of a selection is not a click.
    if (index === null || Math.abs(event.clientX - began) > 4) return
    follow(latest.current, nearest(plot, latest.current, index))
  })
  return () => {
    observer.disconnect()
    plot.destroy()
  }
}

/** Describes the cursor's place and the values of the curves there, the selected curve first. */
function sayPoint(drawn: Drawn, shape: Shape, chosen: number): string {
  const index = indexOf(drawn)
  if (index === null) return 'no point is selected'
  const order = [chosen, ...drawn.series.keys()].filter((one, i) => i === 0 || one !== chosen)
  const values = order.flatMap(one => {
    const value = valueAt(drawn, one, index)
    return typeof value === 'number' ? `${drawn.series[one]?.name} ${formatOf(shape)(value)}` : []
  })
  return `step ${drawn.columns.steps[index]}: ${values.join(', ')}`
}

/** A different key needs a new plot; with an equal one the plot only gets new data. */
const keyOf = (shape: Shape) =>
  JSON.stringify({
    ...shape,
    last: 0,
    dots: hasDots(shape.series),
    series: shape.series.map(({ name, color, isDashed, band }) => [name, color, isDashed, !!band]),
  })

/** Draws into a box, and again if data, range, cursor or colours change. */
function usePlot(box: { current: HTMLDivElement | null }, shape: Shape, columns: Columns) {
  const plot = useRef<uPlot | null>(null)
  const latest = useRef<Drawn>({ series: shape.series, columns })
  latest.current = { series: shape.series, columns }
  const lastX = useRef(shape.last)
  lastX.current = shape.last
  const draw = () => plot.current?.setData(latest.current.columns.data as uPlot.AlignedData)
  useEffect(() => {
    const at = box.current as HTMLDivElement
    const options = optionsOf(shape, sizeOf(at), () => lastX.current)
    const made = new uPlot(options, latest.current.columns.data as uPlot.AlignedData, at)
    plot.current = made
    return attend(made, at, latest)
  }, [keyOf(shape)])
  useEffect(draw, [columns, shape.last])
  useSignalEffect(() => {
    void zoom.value
    draw()
  })
  useSignalEffect(() => {
    void repaint.value
    plot.current?.redraw(false)
  })
  useSignalEffect(() => {
    const at = pointed.value
    const made = plot.current
    if (!made) return
    const { idx, left: there = -1 } = made.cursor
    // The mouse is already there, perhaps not exactly on the point.
    if (at && there >= 0 && typeof idx === 'number' && made.data[0][idx] === at.x) return
    const left = at === null ? -10 : made.valToPos(at.x, 'x')
    made.setCursor({ left: left > made.over.clientWidth ? -10 : left, top: 10 }, false)
  })
  return { plot, latest }
}

export function Plot(props: { title: string; shape: Shape; columns: Columns }) {
  const { title, shape, columns } = props
  const { series } = shape
  const box = useRef<HTMLDivElement>(null)
  const { plot, latest } = usePlot(box, shape, columns)
  const [picked, pick] = useState(0)
  const chosen = Math.max(0, Math.min(picked, series.length - 1))
  const most = Math.max(0, columns.steps.length - 1)
  void pointed.value
  const press = (event: KeyboardEvent) => {
    if (!plot.current || series.length === 0 || event.ctrlKey || event.metaKey || event.altKey)
      return
    const act = () => follow(latest.current, chosen)
    const next = handleKey(plot.current, { series, columns, chosen, follow: act }, event.key)
    if (next === undefined) return
    event.preventDefault()
    pick(next)
  }
  return (
    <>
      <div
        class={series.some(({ query }) => query) ? 'plot leads' : 'plot'}
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={
          `${title}: left and right move between points, up and down between curves, Enter ` +
          'opens the rows'
        }
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={indexOf(latest.current) ?? most}
        aria-valuetext={sayPoint(latest.current, shape, chosen)}
        onKeyDown={press}
      />
      <ul class="hidden">
        {series.map(one => (
          <li key={one.name}>{inWords(one, formatOf(shape))}</li>
        ))}
      </ul>
    </>
  )
}
