/**
 * What a person sees: lines that stay, and on a terminal one line below them that is redrawn. Text
 * of a model is never printed raw: `plain` takes out what a terminal would obey.
 */
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

export type Terminal = {
  line: (text: string) => void
  /** The line that is redrawn; nothing where there is no terminal. */
  status: (text: string) => void
  paint: (style: Style, text: string) => string
  close: () => void
}

const isControl = (code: number) =>
  code < 32 ||
  (code >= 127 && code < 160) ||
  (code >= 0x202a && code <= 0x202e) ||
  (code >= 0x2066 && code <= 0x2069)

/** Text without control characters and direction marks, each shown as an escape. */
export function plain(text: string): string {
  return [...text]
    .map(char => {
      const code = char.codePointAt(0) as number
      return isControl(code)
        ? JSON.stringify(char)
            .slice(1, -1)
            .replace(/^[^\\]/, '?')
        : char
    })
    .join('')
}

export function createTerminal(stream: NodeJS.WriteStream): Terminal {
  const isTerminal = stream.isTTY === true
  const hasColours = isTerminal && !process.env.NO_COLOR
  let shown = ''
  const clear = () => {
    if (shown) stream.write('\r\u001b[2K')
    shown = ''
  }
  return {
    line(text) {
      clear()
      stream.write(`${text}\n`)
    },
    status(text) {
      if (!isTerminal) return
      const cut = text.slice(0, Math.max(20, (stream.columns ?? 80) - 1))
      if (cut === shown) return
      clear()
      stream.write(cut)
      shown = cut
    },
    paint: (style, text) => (hasColours ? styleText(style, text, { validateStream: false }) : text),
    close: clear,
  }
}
