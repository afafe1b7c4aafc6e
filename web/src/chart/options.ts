/** Options of uPlot for a chart: scales, axes with units, curves, bands, reference lines. */
import uPlot from 'uplot'
import { percent } from '../../../lib/formats.ts'
import { paint } from './colors.ts'
import { columnsEach, type Series, short } from './series.ts'
import { type AxisName, axes, pointTo, zoom } from './settings.ts'
import { countTick, increments, shareTick, timeTick, valueTick } from './ticks.ts'

export type Reference = { name: string; value: number; color: string }

export type Shape = {
  series: readonly Series[]
  /** The unit of y, such as `tokens`. */
  unit: string
  isShare: boolean
  isLog: boolean
  axis: AxisName
  /** The smallest end of the x axis. */
  last: number
  references: readonly Reference[]
  isSmooth: boolean
}

const family = 'Inter, ui-sans-serif, system-ui, sans-serif'
const font = `11px ${family}`
const most = 30

/** Points are marked where they are few, in all curves of a chart or in none. */
export const hasDots = (series: readonly Series[]) =>
  series.every(({ points }) => points.length <= most)

export const formatOf = ({ isShare }: Pick<Shape, 'isShare'>) => (isShare ? percent : short)

function rangeOf(low: number | null, high: number | null, shape: Shape): [number, number] {
  const values = shape.references.map(({ value }) => value)
  const bounds = [low, high].filter(value => value !== null)
  const [least, greatest] = [Math.min(...bounds, ...values), Math.max(...bounds, ...values)]
  if (!Number.isFinite(least)) return shape.isLog ? [0.1, 1] : [0, 1]
  if (shape.isLog) {
    const [from, to] = uPlot.rangeLog(least > 0 ? least : (low ?? 0.1), greatest, 10, false)
    return [from ?? 0.1, to ?? 1]
  }
  if (shape.isShare) return [0, Math.min(1, Math.max(0.1, Math.ceil(greatest * 10.5) / 10))]
  const margin = (greatest - least || Math.abs(greatest) || 1) * 0.1
  return [least >= 0 && least < greatest / 2 ? 0 : least - margin, greatest + margin]
}

function ticksOf({ isShare, isLog }: Shape): uPlot.Axis.Values {
  return (_, ticks, _axis, _space, increment) =>
    ticks.map(tick => {
      if (tick === null) return ''
      if (isLog) return isShare ? `${+(100 * tick).toPrecision(2)}%` : short(tick)
      return isShare ? shareTick(tick, increment) : valueTick(tick, increment)
    })
}

/** Wide enough for its longest mark. */
const widthOf: uPlot.Axis.Size = (_, texts) =>
  Math.max(34, 14 + 6.2 * Math.max(0, ...(texts ?? []).map(text => text.length)))

function axesOf(shape: Shape): uPlot.Axis[] {
  const { axis, unit } = shape
  const grid = { stroke: () => paint('line'), width: 1 }
  const common = {
    stroke: () => paint('dim'),
    grid,
    ticks: { ...grid, size: 4 },
    font,
    labelFont: font,
    labelGap: 3,
    labelSize: 19,
    gap: 4,
  }
  const isTime = axis === 'time'
  const text = isTime ? timeTick : countTick
  return [
    {
      ...common,
      label: axes[axis],
      size: 24,
      incrs: isTime ? increments.time : increments.count,
      values: (_, ticks, _axis, _space, increment) => ticks.map(tick => text(tick, increment)),
    },
    { ...common, label: unit, size: widthOf, values: ticksOf(shape) },
  ]
}

/**
 * Each series has four columns: the curve, the unsmoothed points behind it, and both ends of its
 * band.
 */
function curvesOf({ series, isSmooth }: Shape): uPlot.Series[] {
  const show = hasDots(series)
  return series.flatMap(({ color, isDashed }) => {
    const dash = isDashed ? { dash: [5, 4] } : {}
    const bound = { stroke: 'transparent', points: { show: false }, spanGaps: true }
    return [
      {
        stroke: () => paint(color),
        width: 1.8,
        spanGaps: true,
        ...dash,
        points: { show, size: 5, fill: () => paint(color) },
      },
      {
        stroke: () => paint(color, 0.3),
        width: 1,
        spanGaps: true,
        show: isSmooth,
        points: { show: false },
      },
      bound,
      bound,
    ]
  })
}

/** Draws reference lines: dashed, over the full width, each with its name at its end. */
function drawReferences(plot: uPlot, { references }: Shape): void {
  const { ctx, bbox } = plot
  ctx.save()
  for (const { name, value, color } of references) {
    const y = Math.round(plot.valToPos(value, 'y', true))
    ctx.strokeStyle = paint(color, 0.7)
    ctx.lineWidth = uPlot.pxRatio
    ctx.setLineDash([4 * uPlot.pxRatio, 4 * uPlot.pxRatio])
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    ctx.fillStyle = paint('dim')
    ctx.font = `${10 * uPlot.pxRatio}px ${family}`
    ctx.textAlign = 'right'
    ctx.fillText(name, bbox.left + bbox.width - 2, y + 12 * uPlot.pxRatio)
  }
  ctx.restore()
}

/** A range that was selected with the mouse is shown by all charts. */
function takeSelection(plot: uPlot): void {
  const { left, width } = plot.select
  if (width < 8) return
  zoom.value = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')]
  pointTo(null)
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
}

/** `lastX` is the smallest end of the x axis, which grows with the run. */
export function optionsOf(
  shape: Shape,
  size: { width: number; height: number },
  lastX: () => number,
): uPlot.Options {
  return {
    ...size,
    legend: { show: false },
    padding: [10, 10, 0, 0],
    cursor: {
      y: false,
      points: { size: 7 },
      drag: { x: true, y: false, setScale: false },
      bind: {
        dblclick: () => () => {
          zoom.value = null
          return null
        },
      },
    },
    scales: {
      x: {
        time: false,
        range: (_, _low, high) => {
          const [from, to] = zoom.peek() ?? [0, Math.max(high ?? 0, lastX())]
          return [from, to > from ? to : from + 1]
        },
      },
      y: {
        distr: shape.isLog ? 3 : 1,
        range: (_, low, high) => rangeOf(low, high, shape),
      },
    },
    axes: axesOf(shape),
    bands: shape.series.flatMap(({ band, color }, i) => {
      const first = columnsEach * i + 1
      return band
        ? [
            {
              series: [first + 3, first + 2] as [number, number],
              fill: () => paint(color, 0.14) as never,
            },
          ]
        : []
    }),
    series: [{}, ...curvesOf(shape)],
    hooks: {
      draw: [plot => drawReferences(plot, shape)],
      setSelect: [takeSelection],
    },
  }
}
