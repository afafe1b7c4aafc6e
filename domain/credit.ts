/**
 * Credit for working: which values that an answer wrote before its result are true, by execution.
 * Not here: running the program, and the advantages that come of it (advantage/index.ts).
 */

/** Part of a completion, in order: its tokens, and whether what they say is true; null: unknown. */
export type Statement = { tokens: number; isTrue: boolean | null }

/** Token ids that end a statement of the working, and begin the answer. */
export type Marks = { statement: number; answer: number }

const assignment = /^ ([a-z]\w*) = /

/**
 * A program that returns the values of another's lines, as the text `b = 3;c = [3, 1];`. Null
 * where that is not straight lines: one assignment each, to different names, then a return.
 */
export function tracingProgram(program: string): string | null {
  const [head, ...lines] = program.split('\n')
  const last = lines.pop()
  const names = lines.map(line => assignment.exec(line)?.[1])
  const isStraight = last?.startsWith(' return ') && names.every(name => name !== undefined)
  if (!isStraight || names.length === 0 || new Set(names).size < names.length) return null
  const values = names.map(name => `${name} = {${name}!r};`).join('')
  return [head, ...lines, ` return f"${values}"`].join('\n')
}

/** The statements in the display text of what a tracing program returned. */
export function trueStatements(display: string): string[] | null {
  const inner = /^'([^'\\]*;)'$/.exec(display)?.[1]
  return inner?.split(';').slice(0, -1) ?? null
}

/**
 * Statements of the working `<T>b = 3;c = [3, 1];<A>…`, held against the true ones in their order.
 * The first that is false ends what can be known: those behind it build on it.
 */
export function judgeWorking(
  { text, ids, marks }: { text: string; ids: Int32Array; marks: Marks },
  truth: readonly string[],
): Statement[] {
  const [working] = text.replace(/^<T>/, '').split('<A>')
  const end = ids.indexOf(marks.answer)
  const written = (working ?? '').split(';').slice(0, -1)
  const found: Statement[] = []
  let isKnown = true
  let from = 1
  for (const [i, statement] of written.entries()) {
    const to = ids.indexOf(marks.statement, from) + 1
    if (to === 0 || to > end) return found
    const isTrue: boolean | null = isKnown ? statement === truth[i] : null
    found.push({ tokens: to - from, isTrue })
    isKnown &&= isTrue === true
    from = to
  }
  return found
}
