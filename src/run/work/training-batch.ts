/** Makes the learner's flat arrays from packed rows. Pure. */
import type { Span } from '../../../domain/advantage/index.ts'
import { builtInNames, inOrder } from '../../../domain/kinds/index.ts'
import { type Kind, type Role, roles } from '../../../domain/task.ts'
import type { TrainingBatch } from '../../engine/types.ts'

export type Sequence = {
  prompt: Uint8Array
  ids: Uint8Array
  logprobs: Uint8Array
  advantage: number
  spans?: readonly Span[]
  weight: number
  minibatch: number
  kind: Kind
  role: Role
}

/** Groups whose mismatch is reported separately: `solver.deduction` and so on. */
export function groupNames(sequences: readonly Pick<Sequence, 'kind'>[]): string[] {
  const kinds = inOrder([...builtInNames, ...sequences.map(({ kind }) => kind).sort()])
  return roles.flatMap(role => kinds.map(kind => `${role}.${kind}`))
}

/** NaN for tokens of an earlier policy, so that the learner uses its own log-probabilities. */
export function unknownLogprobs({ byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(new Float32Array(byteLength / 4).fill(Number.NaN).buffer)
}

export const ints = (bytes: Uint8Array) => new Int32Array(new Uint8Array(bytes).buffer)
const floats = (bytes: Uint8Array) => new Float32Array(new Uint8Array(bytes).buffer)

function join32<T extends Int32Array | Float32Array>(make: (n: number) => T, parts: T[]): T {
  const all = make(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export const concatInts = (parts: Int32Array[]) => join32(n => new Int32Array(n), parts)

/** The advantage of each completion token; empty if no sequence has different ones. */
function tokenAdvantages(sequences: Sequence[]): { tokenAdvantages?: Float32Array } {
  if (sequences.every(({ spans }) => spans === undefined)) return {}
  const parts = sequences.map(({ ids, advantage, spans }) => {
    const all: readonly Span[] = spans ?? [[ids.byteLength / 4, advantage]]
    return Float32Array.from(all.flatMap(([tokens, value]) => Array(tokens).fill(value)))
  })
  return { tokenAdvantages: join32(n => new Float32Array(n), parts) }
}

export function trainingBatch(sequences: Sequence[]): TrainingBatch {
  const names = groupNames(sequences)
  const pairs = sequences.map(({ prompt, ids }) => [ints(prompt), ints(ids)] as const)
  return {
    ids: concatInts(pairs.flat()),
    lengths: Int32Array.from(pairs, ([prompt, ids]) => prompt.length + ids.length),
    promptLengths: Int32Array.from(pairs, ([prompt]) => prompt.length),
    logprobs: join32(
      n => new Float32Array(n),
      sequences.map(({ logprobs }) => floats(logprobs)),
    ),
    advantages: Float32Array.from(sequences, ({ advantage }) => advantage),
    ...tokenAdvantages(sequences),
    weights: Float32Array.from(sequences, ({ weight }) => weight),
    minibatches: Int32Array.from(sequences, ({ minibatch }) => minibatch),
    groups: Int32Array.from(sequences, ({ role, kind }) => names.indexOf(`${role}.${kind}`)),
  }
}
