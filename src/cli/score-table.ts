/**
 * Held-out scores as a table for the terminal: a row for each suite and mode, a cell for each kind.
 * A cell has the first and last score, the last one's interval, and bars for the way between.
 */
import type { Line, Point } from '../../domain/held-out.ts'
import { inOrder } from '../../domain/kinds/index.ts'
import { meanOf } from '../../domain/statistics.ts'
import type { Kind } from '../../domain/task.ts'
import { cut } from '../../lib/terminal.ts'

const steps = [...'▁▂▃▄▅▆▇█']
/** The smallest range that fills the height of the bars, so that noise looks small. */
const leastRange = 0.1

/** The means of `count` equal parts of the values, in order. */
function thin(values: readonly number[], count: number): number[] {
  if (values.length <= count) return [...values]
  return Array.from({ length: count }, (_, part) => {
    const at = (n: number) => Math.floor((n * values.length) / count)
    return meanOf(values.slice(at(part), at(part + 1)))
  })
}

export function bars(values: readonly number[], width: number): string {
  const shown = thin(values, width)
  const low = Math.min(...shown)
  const range = Math.max(leastRange, Math.max(...shown) - low)
  return shown
    .map(value => steps[Math.min(7, Math.floor(((value - low) / range) * 8))] ?? steps[0])
    .join('')
}

const whole = (share: number) => String(Math.round(share * 100))

/** `54→67% [47–82]`, or `54% [35–71]` if there is only one point. */
function scoreText(points: readonly Point[]): string {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return ''
  const path = points.length > 1 ? `${whole(first.value)}→${whole(last.value)}` : whole(first.value)
  return `${path}% [${whole(last.low)}–${whole(last.high)}]`
}

type Cell = { text: string; values: number[] }
type Row = { label: string; cells: Record<Kind, Cell> }

/** A different set of items is another row, which shows their number. */
function scoreRows(lines: readonly Line[]): Row[] {
  const groups = Map.groupBy(lines, ({ suite, mode }) => `${suite} ${mode}`)
  return [...groups].flatMap(([label, members]) => {
    const kinds = inOrder(members.map(({ kind }) => kind))
    const ofKind = kinds.map(kind => members.filter(line => line.kind === kind))
    const count = Math.max(...ofKind.map(({ length }) => length))
    return Array.from({ length: count }, (_, n): Row => {
      const mine = ofKind.flatMap(of => of[n] ?? [])
      const cells = mine.map(({ kind, points }) => {
        return [kind, { text: scoreText(points), values: points.map(({ value }) => value) }]
      })
      const items = count > 1 ? `, ${mine[0]?.items} items` : ''
      return { label: label + items, cells: Object.fromEntries(cells) }
    })
  })
}

export type Learnable = Record<Kind, [number, number][]>

/** A step has few tasks: the means of the first and the last eighth of the steps. */
function learnableRow(learnable: Learnable): Row {
  const cells = Object.entries(learnable).flatMap(([kind, curve]) => {
    const values = thin(
      curve.map(([, share]) => share),
      8,
    )
    const [first, last] = [values[0], values.at(-1)]
    if (first === undefined || last === undefined) return []
    const text = values.length > 1 ? `${whole(first)}→${whole(last)}%` : `${whole(first)}%`
    return [[kind, { text, values }] as const]
  })
  return { label: 'learnable tasks', cells: Object.fromEntries(cells) }
}

/** A line for each kind below its suite, if the terminal is too narrow for columns. */
function stacked(title: string, rows: readonly Row[], shown: readonly Kind[]): string[] {
  const names = Math.max(...shown.map(kind => kind.length))
  const texts = Math.max(...rows.flatMap(row => Object.values(row.cells).map(c => c.text.length)))
  const body = rows.flatMap(({ label, cells }) => [
    `  ${label}`,
    ...shown.flatMap(kind => {
      const { text, values } = cells[kind] ?? { text: '', values: [] }
      const way = values.length > 1 ? ` ${bars(values, 8)}` : ''
      return text === '' ? [] : [`    ${kind.padEnd(names)}  ${text.padEnd(texts)}${way}`.trimEnd()]
    }),
  ])
  return [`  ${title}`, ...body]
}

/** Lines without colour, none wider than `width`. */
export function scoreTable(lines: readonly Line[], learnable: Learnable, width: number): string[] {
  const rows = [...scoreRows(lines), learnableRow(learnable)].filter(
    ({ cells }) => Object.keys(cells).length > 0,
  )
  const shown = inOrder(rows.flatMap(({ cells }) => Object.keys(cells)))
  const title = 'held out, 95% intervals'
  const labels = Math.max(title.length, ...rows.map(({ label }) => label.length))
  const cells = rows.flatMap(row => Object.values(row.cells))
  const texts = Math.max(9, ...cells.map(({ text }) => text.length))
  const most = Math.max(0, ...cells.map(({ values }) => values.length))
  const free = Math.floor((width - labels - 2) / Math.max(1, shown.length)) - texts - 3
  const length = most > 1 ? Math.min(8, most, free) : 0
  const column = texts + (length > 1 ? length + 1 : 0)
  if (rows.length === 0) return []
  if (2 + labels + shown.length * (texts + 2) > width) {
    return stacked(title, rows, shown).map(line => cut(line, width))
  }
  const lineOf = (label: string, parts: string[]) =>
    cut(
      `  ${label.padEnd(labels)}${parts.map(part => `  ${part.padEnd(column)}`).join('')}`.trimEnd(),
      width,
    )
  const body = rows.map(({ label, cells }) => {
    const parts = shown.map(kind => {
      const { text = '', values = [] } = cells[kind] ?? {}
      return length > 1 && values.length > 1
        ? `${text.padEnd(texts)} ${bars(values, length)}`
        : text
    })
    return lineOf(label, parts)
  })
  return [lineOf(title, shown), ...body]
}
