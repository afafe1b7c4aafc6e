/**
 * Explains why our verdict differs from evalplus's, by the item or by the mutation. It never
 * guesses.
 */

export type Difference = {
  set: string
  id: string
  kind: string
  ours: string
  detail: string | null
  /** evalplus's verdict on the base tests, and on the plus tests if those pass. */
  theirs: string
  /** evalplus's second verdict, alone, with larger limits of time and memory. */
  again: string | null
}

type Known = { kind?: string; id?: string; ours: 'correct' | 'wrong'; why: string }

const known: Known[] = [
  {
    kind: 'equal to everything',
    ours: 'wrong',
    why: 'evalplus asks the answer whether it is equal; here only values are compared',
  },
  ...['exits at once', 'fails at once', 'asserts something false'].map(kind => {
    const why =
      'evalplus is given the program as it is here: its sanitiser leaves that statement out, and then it passes'
    return { kind, ours: 'correct' as const, why }
  }),
  {
    id: 'HumanEval/32',
    ours: 'correct',
    why: "evalplus 0.3.1 passes nobody here, not even its own solution: its oracle's `continue` skips the note that a test was met",
  },
]

/**
 * evalplus limits a call to four seconds of wall time, and a program to 4 GB, which includes its
 * own copies of the expected values. Mbpp/255 (1.7 million tuples of 77) does not fit, not even its
 * canonical solution. Our limits are CPU time, and the program's own memory.
 */
const limits = "evalplus's own limits of time or memory were too narrow: with wider ones it passes"

export function reasonOf({ id, kind, ours, again }: Difference): string | null {
  if (ours === 'correct' && again === 'plus pass') return limits
  const side = ours === 'correct' ? 'correct' : 'wrong'
  const found = known.find(
    one => one.ours === side && (one.kind ?? kind) === kind && (one.id ?? id) === id,
  )
  return found?.why ?? null
}
