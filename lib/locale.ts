/**
 * Output for a locale that is not UTF-8. Our own symbols become one ASCII character each, so that
 * columns stay aligned. Any other character becomes an escape. It does not touch JSON, which is
 * UTF-8 in every locale.
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

/** Whether the terminal reads UTF-8. Without any locale it does, as in containers. */
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

/** Makes all further output of a stream ASCII. */
export function restrictToAscii(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
  stream.write = ((chunk: unknown, ...rest: unknown[]) =>
    write(typeof chunk === 'string' ? asciiOf(chunk) : chunk, ...rest)) as typeof stream.write
}
