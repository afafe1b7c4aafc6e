/** Picks the most useful line of a crashed child's log, and adds what to do about it. */

export type LogRules = {
  /** The text that a logger writes before a message. */
  prefix: RegExp
  /** Errors that only repeat that another was raised elsewhere. */
  echoes: RegExp
  /** Advice for lines that match a pattern. The first match counts. */
  advice: readonly (readonly [pattern: RegExp, text: string])[]
}

const raised = /^(?:[a-zA-Z_][\w.]*\.)?(?:[A-Z]\w*)?(?:Error|Exception)\b(?::|$)/
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are taken out
const control = /\x1b\[[\d;]*m|[\x00-\x08\x0b-\x1f\x7f]/g
const vague = /Error|error|Cannot|Traceback|Killed/

const chained = /direct cause of the following|During handling of the above/

/** The error at the root of the last chain of tracebacks. */
function rootError(lines: readonly string[], echoes: RegExp): string | undefined {
  let found: string | undefined
  let isLinked = false
  for (const line of lines) {
    if (chained.test(line)) isLinked = true
    if (!raised.test(line) || echoes.test(line)) continue
    if (!isLinked) found = line
    isLinked = false
  }
  return found
}

/** Picks a raised error, else a line that mentions one, else the last line. */
export function tellingLine(lines: readonly string[], rules: LogRules): string {
  // Drop JSON lines, which report progress, and strip terminal escapes: they explain no error.
  const plain = lines
    .filter(line => !line.startsWith('{'))
    .map(line => line.replace(control, '').replace(rules.prefix, ''))
    .filter(line => line.trim() !== '')
  const line =
    rootError(plain, rules.echoes) ??
    plain.findLast(text => raised.test(text)) ??
    plain.findLast(text => vague.test(text)) ??
    plain.at(-1)
  if (line === undefined) return ''
  const found = rules.advice.find(([pattern]) => pattern.test(line))
  return `${line.slice(0, 300)}${found ? ` (${found[1]})` : ''}`
}
