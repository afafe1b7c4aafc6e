/** Formats rows with equal columns as aligned lines of text, after a line with the column names. */
import { plain } from './terminal.ts'

function cell(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toFixed(3)
  return plain(String(value))
}

export function table(rows: readonly Record<string, unknown>[]): string[] {
  const names = Object.keys(rows[0] ?? {})
  const lines = [
    names.map(name => name.replaceAll('_', ' ')),
    ...rows.map(row => names.map(name => cell(row[name]))),
  ]
  const isNumber = names.map(name => rows.every(row => typeof row[name] !== 'string'))
  const widths = names.map((_, i) => Math.max(...lines.map(line => line[i]?.length ?? 0)))
  const pad = (text: string, i: number) =>
    isNumber[i] ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)
  return lines.map(line => line.map(pad).join('  ').trimEnd())
}
