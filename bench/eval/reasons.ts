/** Why a verdict of ours differs from evalplus's, by item or by what was done to it. None is guessed. */

export type Difference = {
  set: string
  id: string
  kind: string
  ours: string
  detail: string | null
  /** What evalplus says of the base tests, and of the plus tests where those pass. */
  theirs: string
}

type Known = { kind?: string; id?: string; ours: 'correct' | 'wrong'; why: string }

const known: Known[] = [
  {
    kind: 'equal to everything',
    ours: 'wrong',
    why: 'evalplus asks the answer whether it is equal; here only values are compared',
  },
  {
    id: 'HumanEval/32',
    ours: 'correct',
    why: "evalplus 0.3.1 passes nobody here, not even its own solution: its oracle's `continue` skips the note that a test was met",
  },
]

export function reasonOf({ id, kind, ours }: Difference): string | null {
  const side = ours === 'correct' ? 'correct' : 'wrong'
  const found = known.find(
    one => one.ours === side && (one.kind ?? kind) === kind && (one.id ?? id) === id,
  )
  return found?.why ?? null
}
