// Small line charts as SVG: no library, no network. Values are drawn, never trusted as markup.

const width = 340
const height = 150
const left = 34
const bottom = 18
const top = 8

/** An element with attributes and children; text becomes text nodes only. */
export function element(name, attributes = {}, ...children) {
  const isSvg = ['svg', 'line', 'polyline', 'polygon', 'circle', 'text'].includes(name)
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

/** The interval around a line as a band; around a single point as a bar. */
function bandOf({ className, band }, x, y) {
  if (!band || band.length === 0) return []
  if (band.length === 1) {
    const [step, low, high] = band[0]
    const place = { x1: x(step), x2: x(step), y1: y(low), y2: y(high) }
    return [element('line', { class: `${className} whisker`, ...place })]
  }
  const corner = ([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`
  const lower = band.map(([step, low]) => [step, low])
  const upper = band.map(([step, , high]) => [step, high]).reverse()
  const points = [...lower, ...upper].map(corner).join(' ')
  return [element('polygon', { class: `${className} band`, points })]
}

function legendOf(drawn, isShare) {
  const legend = element('span', { class: 'legend' })
  for (const { name, className, points, note } of drawn) {
    const value = points.at(-1)[1]
    const shown = isShare ? percent(value) : String(Math.round(value * 100) / 100)
    const text = `${name} ${note ?? shown}`
    legend.append(element('span', {}, element('i', { class: className }), text))
  }
  return legend
}

/** The scale of all series together. */
function scaleOf(drawn, isShare, lastStep) {
  const all = drawn.flatMap(({ points }) => points)
  const tops = drawn.flatMap(({ band = [] }) => band.map(([, , high]) => high))
  const values = all.map(([, value]) => value)
  const low = isShare ? 0 : Math.min(0, ...values)
  const least = isShare ? 0.1 : low + 0.1
  const high = Math.max(least, ...tops, ...values.map(value => value * (isShare ? 1.1 : 1)))
  const limit = isShare ? Math.min(1, Math.ceil(high * 5) / 5) : high
  const last = Math.max(1, lastStep, ...all.map(([step]) => step))
  const x = step => left + ((width - left - 4) * step) / last
  const y = value => top + (height - top - bottom) * (1 - (value - low) / (limit - low))
  return { low, limit, last, x, y }
}

/**
 * `series`: [{ name, className, points: [[step, value], …], band: [[step, low, high], …], note }];
 * all share one scale. `note` stands in the legend in place of the last value.
 */
export function chart(title, series, { isShare = true, lastStep = 1 } = {}) {
  const drawn = series.filter(({ points }) => points.length > 0)
  const caption = element('figcaption', {}, element('strong', {}, title))
  caption.append(legendOf(drawn, isShare))
  if (drawn.length === 0) {
    return element('figure', {}, caption, element('p', { class: 'empty' }, 'nothing yet'))
  }
  const { low, limit, last, x, y } = scaleOf(drawn, isShare, lastStep)
  const svg = element('svg', {
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-label': title,
  })
  svg.append(...axis(low, limit, last, isShare))
  for (const one of drawn) svg.append(...bandOf(one, x, y))
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
