/** A line chart as SVG text: axes with their end values. It loads nothing. */
import { html, raw } from 'hono/html'

const [width, height, left, bottom, top] = [340, 170, 46, 22, 10]

const number = (value: number) =>
  Math.abs(value) >= 1000 || (value !== 0 && Math.abs(value) < 0.01)
    ? value.toExponential(1)
    : String(Math.round(value * 1000) / 1000)

export type Series = { points: readonly (readonly [number, number])[]; band?: [number, number][] }

export function chart({ points, band }: Series) {
  const xs = points.map(([x]) => x)
  const ys = [...points.map(([, y]) => y), ...(band ?? []).flat()]
  const [x0, x1] = [Math.min(...xs), Math.max(...xs)]
  const [low, high] = [Math.min(...ys), Math.max(...ys)]
  const pad = (high - low || Math.abs(high) || 1) * 0.05
  const [y0, y1] = [low - pad, high + pad]
  const x = (value: number) => left + ((value - x0) / (x1 - x0 || 1)) * (width - left - 8)
  const y = (value: number) =>
    height - bottom - ((value - y0) / (y1 - y0)) * (height - bottom - top)
  const at = (value: number, of: number) => `${x(value).toFixed(1)},${y(of).toFixed(1)}`
  const line = points.map(([px, py]) => at(px, py)).join(' ')
  const area = band && [
    ...points.map(([px], i) => at(px, (band[i] as [number, number])[0])),
    ...points.map(([px], i) => at(px, (band[i] as [number, number])[1])).reverse(),
  ]
  const [first, last] = [ys[0] ?? 0, ys[points.length - 1] ?? 0].map(number)
  const values = points.map(([, y]) => y)
  const [least, most] = [Math.min(...values), Math.max(...values)].map(number)
  const words = `from ${first} at step ${x0} to ${last} at step ${x1}, lowest ${least}, highest ${most}`
  const dots = points.length > 40 ? [] : points
  const end = raw('text-anchor="end"')
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${words}">
<path class="axis" d="M${left},${top}V${height - bottom}H${width - 8}"/>
${area && html`<polygon class="band" points="${area.join(' ')}"/>`}
<polyline class="line" points="${line}"/>
${dots.map(([px, py]) => html`<circle r="2" cx="${x(px).toFixed(1)}" cy="${y(py).toFixed(1)}"/>`)}
<text x="${left - 5}" y="${y(high) + 4}" ${end}>${number(high)}</text>
${low !== high && html`<text x="${left - 5}" y="${y(low) + 4}" ${end}>${number(low)}</text>`}
<text x="${left}" y="${height - 6}">${x0}</text>
<text x="${width - 8}" y="${height - 6}" ${end}>step ${x1}</text></svg>`
}
