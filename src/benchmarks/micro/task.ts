/** Makes a held-out question into a task of self-play. */
import { hashOf } from '../../../domain/hash.ts'
import type { Pair, Task } from '../../../domain/task.ts'

type Question = Pick<Task, 'id' | 'kind' | 'program'> & { pairs: Pick<Pair, 'input' | 'output'>[] }

/** Canonical texts are computed when an answer is judged. */
export function toTask({ id, kind, program, pairs }: Question): Task {
  const read = pairs.map(pair => ({ ...pair, canonical: '' }))
  // The hash leaves out the id: two suites, or two kinds of one suite, may share an id.
  const hash = hashOf([kind, program, pairs])
  return { id, kind, program, normalized: program, pairs: read, message: '', hash }
}
