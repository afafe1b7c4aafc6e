/** Line charts on uPlot, with intervals as bands. Colours are the page's own, in light and dark. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { percent } from '../../lib/formats.ts'
import { align, describe, inWords, type Series, short } from './series.ts'
import { rowsAt, upTo } from './state.ts'

const height = 170

/** A canvas knows no custom properties: the browser is asked what a colour comes to. */
function colorOf(name: string, alpha = 1): string {
  const probe = document.body.appendChild(document.createElement('i'))
  probe.style.color = `color-mix(in srgb, var(--${name}) ${alpha * 100}%, transparent)`
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

function optionsOf(series: Series[], isShare: boolean, width: number): uPlot.Options {
  const grid = { stroke: () => colorOf('line'), width: 1 }
  const axis = { stroke: () => colorOf('dim'), grid, ticks: grid, font: '11px system-ui' }
  const format = isShare ? percent : short
  const hidden = { stroke: 'transparent', points: { show: false } }
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    padding: [10, 8, 0, 0],
    scales: {
      // One step alone stands in the middle.
      x: { time: false, range: (plot, low, high) => around(plot.data[0], low, high) },
      y: { range: (_, low, high) => rangeOf(low, high, isShare) },
    },
    axes: [
      { ...axis, size: 26, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] },
      { ...axis, size: 54, values: (_, ticks) => ticks.map(tick => format(tick)) },
    ],
    bands: series.flatMap(({ band, color }, i) =>
      band ? [{ series: [3 * i + 3, 3 * i + 2], fill: () => colorOf(color, 0.15) as never }] : [],
    ),
    series: [
      {},
      ...series.flatMap(({ color, isDashed, points }) => [
        {
          stroke: () => colorOf(color),
          width: 1.8,
          spanGaps: true,
          dash: isDashed ? [5, 4] : [],
          points: { show: points.length <= 30, size: 5, fill: () => colorOf(color) },
        },
        { ...hidden, spanGaps: true },
        { ...hidden, spanGaps: true },
      ]),
    ],
  }
}

const around = (steps: ArrayLike<number>, low: number, high: number): [number, number] =>
  steps.length === 1 ? [(steps[0] ?? 0) - 1, (steps[0] ?? 0) + 1] : [low, high]

function rangeOf(low: number | null, high: number | null, isShare: boolean): [number, number] {
  if (low === null || high === null) return [0, 1]
  if (isShare) return [0, Math.min(1, Math.max(0.1, Math.ceil(high * 5) / 5))]
  const margin = (high - low || Math.abs(high) || 1) * 0.1
  return [low >= 0 && low < high / 2 ? 0 : low - margin, high + margin]
}

/** Of what the cursor points at, the series that is nearest: where its rows are. */
function placeAt(plot: uPlot, series: Series[]): string | null {
  const { idx: at, top = 0 } = plot.cursor
  if (at === null || at === undefined) return null
  const near = series.flatMap(({ query }, i) => {
    const value = plot.data[3 * i + 1]?.[at]
    if (query === undefined || typeof value !== 'number') return []
    return [{ query, distance: Math.abs(plot.valToPos(value, 'y') - top) }]
  })
  const [nearest] = near.toSorted((a, b) => a.distance - b.distance)
  return nearest ? rowsAt(nearest.query, plot.data[0][at] as number) : null
}

/** Redraws where the place or the colours change; ends with the plot. */
function keepFit(made: uPlot, at: HTMLElement): () => void {
  const fit = () => at.clientWidth > 0 && made.setSize({ width: at.clientWidth, height })
  const observer = new ResizeObserver(fit)
  observer.observe(at)
  const theme = matchMedia('(prefers-color-scheme: dark)')
  const repaint = () => made.redraw(false)
  theme.addEventListener('change', repaint)
  return () => {
    observer.disconnect()
    theme.removeEventListener('change', repaint)
    made.destroy()
  }
}

function Plot({ series, isShare }: { series: Series[]; isShare: boolean }) {
  const box = useRef<HTMLDivElement>(null)
  const words = useRef<HTMLParagraphElement>(null)
  const plot = useRef<uPlot | null>(null)
  const data = align(series)
  const shape = JSON.stringify(
    series.map(({ name, color, band, points }) => [name, color, !!band, points.length <= 30]),
  )
  const latest = useRef({ series, data })
  latest.current = { series, data }
  useEffect(() => {
    const at = box.current as HTMLDivElement
    const format = isShare ? percent : short
    const made = new uPlot(
      {
        ...optionsOf(latest.current.series, isShare, at.clientWidth || 300),
        hooks: {
          setCursor: [
            self => {
              const text = describe(self, latest.current.series, format)
              if (words.current) words.current.textContent = text
            },
          ],
        },
      },
      latest.current.data as uPlot.AlignedData,
      at,
    )
    plot.current = made
    made.over.addEventListener('click', () => {
      const place = placeAt(made, latest.current.series)
      if (place !== null) location.hash = place
    })
    return keepFit(made, at)
  }, [shape, isShare])
  useEffect(() => plot.current?.setData(data as uPlot.AlignedData))
  return (
    <>
      <div
        class={series.some(({ query }) => query) ? 'plot leads' : 'plot'}
        ref={box}
        aria-hidden="true"
      />
      <p class="words" ref={words} aria-hidden="true" />
      <ul class="hidden">
        {series.map(one => (
          <li key={one.name}>{inWords(one, isShare ? percent : short)}</li>
        ))}
      </ul>
    </>
  )
}

function LegendItem({ one, isShare }: { one: Series; isShare: boolean }) {
  const [step = 0, last = 0] = one.points.at(-1) ?? []
  const text = `${one.name} ${one.note ?? (isShare ? percent(last) : short(last))}`
  return (
    <span>
      <i class={`swatch of-${one.color}${one.isDashed ? ' dashed' : ''}`} />
      {one.query ? (
        <a href={rowsAt(one.query, step)} title={`what was counted at step ${step}`}>
          {text}
        </a>
      ) : (
        text
      )}
    </span>
  )
}

export function Chart(props: {
  title: string
  series: Series[]
  isShare?: boolean
  children?: ComponentChildren
}) {
  const { title, isShare = true } = props
  const last = upTo.value
  const series = props.series
    .map(one => ({
      ...one,
      points: one.points.filter(([step]) => step <= last),
      ...(one.band ? { band: one.band.filter(([step]) => step <= last) } : {}),
    }))
    .filter(({ points }) => points.length > 0)
  return (
    <figure>
      <figcaption>
        <strong>{title}</strong>
        <span class="legend">
          {series.map(one => (
            <LegendItem key={one.name} one={one} isShare={isShare} />
          ))}
        </span>
      </figcaption>
      {series.length === 0 ? (
        <p class="empty">nothing yet</p>
      ) : (
        <Plot series={series} isShare={isShare} />
      )}
      {props.children}
    </figure>
  )
}
