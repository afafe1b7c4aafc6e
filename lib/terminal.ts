/**
 * Prints for people: lines that stay, and on a terminal a status that is redrawn below them. Never
 * prints a model's text raw: `plain` escapes characters that control a terminal.
 */
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

export type Terminal = {
  line: (text: string) => void
  /**
   * Redraws the status below the lines; it may have several lines. Without a terminal its first
   * line is printed after a minute of silence.
   */
  status: (text: string) => void
  paint: (style: Style, text: string) => string
  /** Characters that fit on a line. */
  width: () => number
  close: () => void
}

/** Control characters, direction marks, invisible characters, lone surrogates, line ends. */
const obeyed = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu
const short: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Shows each character that would control a terminal, or be invisible, as an escape. */
export function plain(text: string): string {
  return text.replace(
    obeyed,
    char => short[char] ?? `\\u{${(char.codePointAt(0) as number).toString(16)}}`,
  )
}

/** `plain`, but keeps line ends. */
export const plainLines = (text: string) => text.split(/\r?\n/).map(plain).join('\n')

/** `plain` on one line: a line end becomes a space. */
export const oneLine = (text: string) => plain(text.trim().replace(/\s*[\r\n]\s*/g, ' '))

/** JSON on one line. Characters that `plain` would escape are JSON escapes. */
export function jsonText(value: unknown): string {
  const asEscape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value).replace(obeyed, char => char.split('').map(asEscape).join(''))
}

/** Cuts a text to a number of characters. The last one marks the cut. */
export function cut(text: string, width: number): string {
  const chars = [...text]
  return chars.length <= width ? text : `${chars.slice(0, Math.max(0, width - 1)).join('')}…`
}

/** Puts parts on as few lines as possible. A part that is longer than a line has its own line. */
function fill(parts: readonly string[], gap: string, width: number, indent = ''): string[] {
  const lines: string[] = []
  for (const part of parts) {
    const joined = `${lines.at(-1)}${gap}${part}`
    if (lines.length > 0 && joined.length <= width) lines[lines.length - 1] = joined
    else lines.push(lines.length === 0 ? part : indent + part)
  }
  return lines
}

/** Wraps text at spaces. */
export const wrap = (text: string, width: number): string[] => fill(text.split(' '), ' ', width)

/** Wraps a line of figures at gaps of two or more spaces. A name stays with its figure. */
export const fold = (text: string, width: number): string[] =>
  text.length <= width
    ? [text]
    : fill(text.split(/ {2,}(?! |-?\d)|(?<![a-z ]) {2,}/), '  ', width, '  ')

/** Wraps a line at spaces. What follows stands below its last column, or two spaces in. */
export function hang(text: string, width: number): string[] {
  if (text.length <= width) return [text]
  const lead = /^.* {2,}(?=\S)/.exec(text)?.[0] ?? ''
  const indent = ' '.repeat(lead.length > width / 2 ? 2 : lead.length || 2)
  const [first = '', ...rest] = text.slice(lead.length).split(' ')
  return fill([lead + first, ...rest], ' ', width, indent)
}

/** The same for standard output. In a file or pipe a line stays whole. */
export const hangHere = (text: string): string[] =>
  process.stdout.isTTY ? hang(text, tableWidth()) : [text]

/** Long work must print something in a file, too. */
const silenceMs = 60_000
const narrowest = 40
const widest = 120

/**
 * Characters that fit on a line of a table: the terminal's width (or COLUMNS) between 60 and 200.
 * In a file or pipe: 200.
 */
export function tableWidth(
  stream: { isTTY?: boolean; columns?: number } = process.stdout,
  env: Record<string, string | undefined> = process.env,
): number {
  const columns = stream.isTTY ? (stream.columns ?? 80) : Number(env.COLUMNS) || 200
  return Math.min(200, Math.max(60, columns))
}

/** Prose is hard to read in longer lines. */
export const proseWidth = (): number => Math.min(100, tableWidth())

export function createTerminal(stream: NodeJS.WriteStream): Terminal {
  const isTerminal = stream.isTTY === true
  const hasColours = isTerminal && !process.env.NO_COLOR
  let shown = ''
  let saidMs = Date.now()
  const clear = () => {
    if (shown)
      stream.write(`\r\u001b[2K${'\u001b[1A\u001b[2K'.repeat(shown.split('\n').length - 1)}`)
    shown = ''
  }
  const line = (text: string) => {
    clear()
    stream.write(`${text}\n`)
    saidMs = Date.now()
  }
  return {
    line,
    status(text) {
      if (!isTerminal) {
        if (Date.now() - saidMs >= silenceMs) line(text.split('\n', 1)[0] as string)
        return
      }
      const width = Math.max(20, (stream.columns ?? 80) - 1)
      const lines = text.split('\n').map(line => cut(line, width))
      if (lines.join('\n') === shown) return
      clear()
      shown = lines.join('\n')
      stream.write(shown)
    },
    paint: (style, text) => (hasColours ? styleText(style, text, { validateStream: false }) : text),
    width() {
      if (!isTerminal) return 100
      return Math.min(widest, Math.max(narrowest, (stream.columns ?? 80) - 1))
    },
    close: clear,
  }
}
