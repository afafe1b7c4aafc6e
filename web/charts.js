// Small line charts as SVG: no library, no network. Values are drawn, never trusted as markup.

const width = 340
const height = 150
const left = 34
const bottom = 18
const top = 8

/** An element with attributes and children; text becomes text nodes only. */
export function element(name, attributes = {}, ...children) {
  const isSvg = ['svg', 'line', 'polyline', 'circle', 'text'].includes(name)
  const node = isSvg
    ? document.createElementNS('http://www.w3.org/2000/svg', name)
    : document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value)
  node.append(...children)
  return node
}

const round = value => Math.round(value * 10) / 10
const percent = value => `${Math.round(value * 100)}%`

function axis(low, high, last, isShare) {
  const y = value => top + (height - top - bottom) * (1 - (value - low) / (high - low))
  const label = value => (isShare ? percent(value) : String(round(value)))
  const middle = (low + high) / 2
  return [low, middle, high]
    .flatMap(value => [
      element('line', { class: 'grid', x1: left, x2: width, y1: y(value), y2: y(value) }),
      element('text', { x: left - 4, y: y(value) + 3, 'text-anchor': 'end' }, label(value)),
    ])
    .concat([
      element('text', { x: left, y: height - 4 }, '0'),
      element('text', { x: width, y: height - 4, 'text-anchor': 'end' }, `step ${last}`),
    ])
}

/** `series`: [{ name, className, points: [[step, value], …] }]; all share one scale. */
export function chart(title, series, { isShare = true } = {}) {
  const drawn = series.filter(({ points }) => points.length > 0)
  const all = drawn.flatMap(({ points }) => points)
  const caption = element('figcaption', {}, element('strong', {}, title))
  const legend = element('span', { class: 'legend' })
  for (const { name, className, points } of drawn) {
    const value = points.at(-1)[1]
    const shown = isShare ? percent(value) : String(Math.round(value * 100) / 100)
    legend.append(element('span', {}, element('i', { class: className }), `${name} ${shown}`))
  }
  caption.append(legend)
  if (all.length === 0) {
    return element('figure', {}, caption, element('p', { class: 'empty' }, 'nothing yet'))
  }
  const values = all.map(([, value]) => value)
  const low = isShare ? 0 : Math.min(0, ...values)
  const high = Math.max(isShare ? 0.1 : low + 0.1, ...values) * (isShare ? 1.1 : 1)
  const limit = isShare ? Math.min(1, Math.ceil(high * 10) / 10) : high
  const last = Math.max(1, ...all.map(([step]) => step))
  const x = step => left + ((width - left - 4) * step) / last
  const y = value => top + (height - top - bottom) * (1 - (value - low) / (limit - low))
  const svg = element('svg', {
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-label': title,
  })
  svg.append(...axis(low, limit, last, isShare))
  for (const { className, points } of drawn) {
    const path = points.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`)
    svg.append(element('polyline', { class: className, points: path.join(' ') }))
    const dots = points.length <= 30 ? points : points.slice(-1)
    for (const [step, value] of dots) {
      svg.append(element('circle', { class: className, cx: x(step), cy: y(value), r: 2.2 }))
    }
  }
  return element('figure', {}, caption, svg)
}
