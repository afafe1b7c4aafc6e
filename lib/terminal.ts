/**
 * What a person sees: lines that stay, and on a terminal what is redrawn below them. Text
 * of a model is never printed raw: `plain` takes out what a terminal would obey.
 */
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

export type Terminal = {
  line: (text: string) => void
  /**
   * What is redrawn below the lines, itself of one line or more; where there is no terminal its
   * first line, once nothing was said for a minute.
   */
  status: (text: string) => void
  paint: (style: Style, text: string) => string
  /** Characters that a line may take. */
  width: () => number
  close: () => void
}

/** Control characters, marks of direction, what is invisible, halves of characters, line ends. */
const obeyed = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu
const short: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Text without what a terminal would obey or hide, each such character shown as an escape. */
export function plain(text: string): string {
  return text.replace(
    obeyed,
    char => short[char] ?? `\\u{${(char.codePointAt(0) as number).toString(16)}}`,
  )
}

/** `plain`, but with the line ends that the text has. */
export const plainLines = (text: string) => text.split(/\r?\n/).map(plain).join('\n')

/** `plain` on one line: a line end becomes a space. */
export const oneLine = (text: string) => plain(text.trim().replace(/\s*[\r\n]\s*/g, ' '))

/**
 * JSON on one line, safe on a terminal too: what `plain` would show as an escape is one of JSON's.
 */
export function jsonText(value: unknown): string {
  const asEscape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value).replace(obeyed, char => char.split('').map(asEscape).join(''))
}

/** Cut to a number of characters, the last of them a sign that there was more. */
export function cut(text: string, width: number): string {
  const chars = [...text]
  return chars.length <= width ? text : `${chars.slice(0, Math.max(0, width - 1)).join('')}…`
}

/** Parts on as few lines as hold them; what is longer than a line stands on one of its own. */
function fill(parts: readonly string[], gap: string, width: number, indent = ''): string[] {
  const lines: string[] = []
  for (const part of parts) {
    const joined = `${lines.at(-1)}${gap}${part}`
    if (lines.length > 0 && joined.length <= width) lines[lines.length - 1] = joined
    else lines.push(lines.length === 0 ? part : indent + part)
  }
  return lines
}

/** Lines of whole words. */
export const wrap = (text: string, width: number): string[] => fill(text.split(' '), ' ', width)

/** Lines of whole figures, which two spaces or more keep apart. */
export const fold = (text: string, width: number): string[] =>
  text.length <= width ? [text] : fill(text.split(/ {2,}/), '  ', width, '  ')

/** Long work is not silent in a file either. */
const silenceMs = 60_000
const narrowest = 40
const widest = 120

/**
 * Characters that a line of a table may take: those of the terminal (or COLUMNS), 60 at least and
 * 200 at most; into a file or a pipe 200.
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
