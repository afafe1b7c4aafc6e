// Held-out accuracy: a chart for each suite and kind, a line with its interval for each mode.

import { chart, element } from './charts.js'

const colours = ['greedy', 'sampled', 'direct', 'scratch']

/** pass@k counts the same answers in another way: a colour of its own. */
function colourOf(mode) {
  if (mode.includes('pass@')) return 'pass'
  return colours.find(name => mode.startsWith(name)) ?? 'other'
}

const whole = share => String(Math.round(share * 100))

function noteOf(points) {
  const [first, last] = [points[0], points.at(-1)]
  const path = points.length > 1 ? `${whole(first.value)} → ` : ''
  return `${path}${whole(last.value)}% [${whole(last.low)}–${whole(last.high)}]`
}

/** Scores over other items are another line, which says how many they are. */
function seriesOf({ mode, items, points }, _, all) {
  const isOnly = all.filter(other => other.mode === mode).length === 1
  return {
    name: isOnly ? mode : `${mode}, ${items} items`,
    className: colourOf(mode),
    points: points.map(({ step, value }) => [step, value]),
    band: points.map(({ step, low, high }) => [step, low, high]),
    note: noteOf(points),
  }
}

function groupBy(items, keyOf) {
  const groups = new Map()
  for (const item of items) {
    const key = keyOf(item)
    if (!groups.has(key)) groups.set(key, [])
    groups.get(key).push(item)
  }
  return groups
}

const kinds = ['deduction', 'abduction', 'induction']

function suiteOf([suite, lines], lastStep) {
  const counts = [...new Set(lines.map(({ items }) => items))].sort((a, b) => a - b)
  const byKind = groupBy(lines, ({ kind }) => kind)
  const charts = kinds
    .filter(kind => byKind.has(kind))
    .map(kind => chart(kind, byKind.get(kind).map(seriesOf), { lastStep }))
  const title = element('h3', {}, `${suite} · ${counts.join(' or ')} items a kind`)
  return [title, element('div', { class: 'charts' }, ...charts)]
}

/** `lines`: as the API gives them. */
export function heldOut(lines, lastStep) {
  const suites = groupBy(lines, ({ suite }) => suite)
  if (suites.size > 0) return [...suites].flatMap(entry => suiteOf(entry, lastStep))
  return [element('p', { class: 'empty' }, 'The first evaluation is at step 0.')]
}
