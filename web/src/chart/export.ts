/** Saves a chart as a file: its points as CSV, or its picture as PNG with title and legend. */
import { paint } from './colors.ts'
import { pointAt, type Series } from './series.ts'
import { type AxisName, toX, xAxis } from './settings.ts'

function save(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}

const fileName = (run: string, title: string, end: string) =>
  `${run}-${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.${end}`

/** Quotes cells that a spreadsheet would take for a formula, or that would break a row. */
const cell = (text: string) => {
  const tame = /^[=+\-@]/.test(text) ? `'${text}` : text
  return /[",\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame
}

/** One row per step: the step, its place on the axis, each curve and the ends of its interval. */
export function csvOf(
  series: readonly Series[],
  axis: AxisName,
  xOf: (step: number) => number | null,
): string {
  const steps = [...new Set(series.flatMap(({ points }) => points.map(([step]) => step)))]
  const heads = series.flatMap(({ name, band }) =>
    (band ? ['', ' low', ' high'] : ['']).map(end => cell(name + end)),
  )
  const rows = steps
    .sort((a, b) => a - b)
    .map(step => {
      const values = series.flatMap(({ points, band }) => {
        const [at, value] = pointAt(points, step) ?? []
        const ends = band?.find(one => one[0] === step)
        return [at === step ? value : '', ...(band ? [ends?.[1] ?? '', ends?.[2] ?? ''] : [])]
      })
      return [step, ...(axis === 'step' ? [] : [xOf(step) ?? '']), ...values].join(',')
    })
  const axisHeads = axis === 'step' ? ['step'] : ['step', axis]
  return `${[...axisHeads, ...heads].join(',')}\n${rows.join('\n')}\n`
}

export function saveCsv(run: string, title: string, series: readonly Series[]): void {
  const text = csvOf(series, xAxis.value, step => toX.value(step))
  save(new Blob([text], { type: 'text/csv' }), fileName(run, title, 'csv'))
}

const [margin, line] = [12, 20]

/** Draws the names of the curves below the title, on as many lines as they need. */
function drawLegend(pen: CanvasRenderingContext2D, series: readonly Series[], width: number) {
  let [x, y] = [margin, margin + 2 * line]
  for (const { name, color } of series) {
    const needed = 30 + pen.measureText(name).width
    if (x > margin && x + needed > width - margin) {
      x = margin
      y += line
    }
    pen.fillStyle = paint(color)
    pen.fillRect(x, y - 6, 14, 4)
    pen.fillStyle = paint('ink')
    pen.fillText(name, x + 18, y)
    x += needed
  }
  return y + line / 2
}

export async function savePng(
  run: string,
  title: string,
  series: readonly Series[],
  drawn: HTMLCanvasElement,
): Promise<void> {
  const ratio = devicePixelRatio
  const width = drawn.width / ratio
  const canvas = document.createElement('canvas')
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D
  const font = '12px system-ui, sans-serif'
  pen.font = font
  // Drawn once to measure the height, and again in full: resizing a canvas clears it.
  const top = drawLegend(pen, series, width)
  canvas.width = drawn.width
  canvas.height = Math.round(top * ratio) + drawn.height + margin * ratio
  pen.scale(ratio, ratio)
  pen.fillStyle = paint('card')
  pen.fillRect(0, 0, width, canvas.height / ratio)
  pen.fillStyle = paint('ink')
  pen.font = `600 14px system-ui, sans-serif`
  pen.fillText(`${title} · ${run}`, margin, margin + line / 2 + 4)
  pen.font = font
  drawLegend(pen, series, width)
  pen.drawImage(drawn, 0, top, width, drawn.height / ratio)
  const blob = await new Promise<Blob | null>(resolve => canvas.toBlob(resolve, 'image/png'))
  if (blob) save(blob, fileName(run, title, 'png'))
}
