/** Why a verdict of ours differs from evalplus's, by item or by what was done to it. None is guessed. */

export type Difference = {
  set: string
  id: string
  kind: string
  ours: string
  detail: string | null
  /** What evalplus says of the base tests, and of the plus tests where those pass. */
  theirs: string
  /** The same when it was asked again, with ten times the time and nothing beside it. */
  again: string | null
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

/**
 * evalplus's limits are of the clock on the wall, four seconds a call: on a busy machine it fails even
 * canonical solutions that take one or two (Mbpp/255, which was seen so). Ours are of CPU time.
 */
const clock = "evalplus's clock on the wall ran out: with more time it passes this"

export function reasonOf({ id, kind, ours, again }: Difference): string | null {
  if (ours === 'correct' && again === 'plus pass') return clock
  const side = ours === 'correct' ? 'correct' : 'wrong'
  const found = known.find(
    one => one.ours === side && (one.kind ?? kind) === kind && (one.id ?? id) === id,
  )
  return found?.why ?? null
}
