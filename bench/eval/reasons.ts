/** Why a verdict of ours differs from evalplus's, by what was done to the solution. None is guessed. */

export type Difference = {
  set: string
  id: string
  kind: string
  ours: string
  detail: string | null
  /** What evalplus says of the base tests, and of the plus tests where those pass. */
  theirs: string
}

type Known = { kind: string; ours: 'correct' | 'wrong'; why: string }

const known: Known[] = [
  {
    kind: 'equal to everything',
    ours: 'wrong',
    why: 'evalplus asks the answer whether it is equal; here only values are compared',
  },
]

export function reasonOf({ kind, ours }: Difference): string | null {
  const side = ours === 'correct' ? 'correct' : 'wrong'
  return known.find(one => one.kind === kind && one.ours === side)?.why ?? null
}
