/**
 * Judges working: executes the program to find which values in an answer's working are true. It
 * runs nothing itself (src/run/work/credit.ts does). Advantages are in advantage/index.ts.
 */

/**
 * A part of a completion: the number of its tokens, and whether its statement is true; null if that
 * is unknown. Parts are listed in order.
 */
export type Statement = { tokens: number; isTrue: boolean | null }

/** Ids of the tokens that end a statement of the working, and that begin the answer. */
export type Marks = { statement: number; answer: number }

const assignment = /^ ([a-z]\w*) = /

/**
 * A program that returns the value of each line of another program, as the text
 * `b = 3;c = [3, 1];`. Null unless the program is straight-line code: assignments to different
 * names, then a return.
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

/** Reads the true statements from what a tracing program returned (its display text). */
export function trueStatements(display: string): string[] | null {
  const inner = /^'([^'\\]*;)'$/.exec(display)?.[1]
  return inner?.split(';').slice(0, -1) ?? null
}

/**
 * Compares the statements of a working `<T>b = 3;c = [3, 1];<A>…` with the true ones, in order.
 * Statements after the first false one depend on it, so whether they are true is unknown.
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
