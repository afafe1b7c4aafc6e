/**
 * Output under a locale that is not UTF-8: our own signs become ASCII, one for one, so that columns
 * stay aligned. Any other character becomes an escape. Not for JSON, which is UTF-8 in every
 * locale.
 */

const ascii: Record<string, string> = {
  '→': '>',
  '…': '~',
  '–': '-',
  '−': '-',
  '·': '|',
  '×': 'x',
  '±': '~',
  '’': "'",
  '│': '|',
  '├': '|',
  '└': '`',
  '─': '-',
  '⏎': '/',
  '▁': '_',
  '▂': '.',
  '▃': ',',
  '▄': '-',
  '▅': '=',
  '▆': '+',
  '▇': '*',
  '█': '#',
}

/**
 * Whether this environment's terminal reads UTF-8. No locale at all counts as UTF-8 (containers).
 */
export function isUtf8(env: Record<string, string | undefined>): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || 'C.UTF-8'
  return /utf-?8/i.test(locale)
}

export function asciiOf(text: string): string {
  return text.replace(
    /[^\0-\x7f]/gu,
    char => ascii[char] ?? `\\u{${(char.codePointAt(0) as number).toString(16)}}`,
  )
}

/** Makes everything that is written to a stream ASCII from now on. */
export function restrictToAscii(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
  stream.write = ((chunk: unknown, ...rest: unknown[]) =>
    write(typeof chunk === 'string' ? asciiOf(chunk) : chunk, ...rest)) as typeof stream.write
}
