/**
 * Makes a batch like a step of a dialect, without a model and without data: the dialect's own
 * prompts around programs, inputs, outputs and messages as long as those of the published seeds.
 * Every draw is keyed. The texts have no meaning, and there is no real tokenizer.
 */

import { builtInKinds } from '../../domain/kinds/index.ts'
import type { Draft } from '../../domain/kinds/kind.ts'
import type { Dialect } from '../../domain/prompts/dialect.ts'
import { dialectOf } from '../../domain/prompts/index.ts'
import { fence } from '../../domain/prompts/reading.ts'
import { type Rng, stream } from '../../domain/rng.ts'
import type { Kind, Pair, Task } from '../../domain/task.ts'
import { loadConfig } from '../../src/config/load.ts'
import { contextOf } from '../../src/run/work/propose.ts'

export type Row = { prompt: number[]; answer: number[]; reward: number }

/** Lengths in characters of the published 7B-Coder seeds at these quantiles. */
const shares = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 1]
const lengths = {
  program: [22, 137, 232, 363, 496, 759, 1057, 1879],
  input: [1, 6, 13, 18, 37, 87, 143, 301],
  output: [1, 2, 4, 15, 47, 131, 313, 403],
  message: [0, 78, 241, 388, 552, 796, 1238, 4103],
  pairInput: [1, 3, 6, 11, 19, 37, 66, 197],
  pairOutput: [1, 1, 2, 12, 27, 96, 178, 403],
}
const kinds: Kind[] = ['induction', 'deduction', 'abduction']
const buffer = 256
const config = loadConfig('qwen2.5-coder-7b')

function lengthOf(part: keyof typeof lengths, rng: Rng): number {
  const share = rng.next()
  const above = shares.findIndex(one => one > share)
  const [low, high] = [lengths[part][above - 1] as number, lengths[part][above] as number]
  const [from, to] = [shares[above - 1] as number, shares[above] as number]
  return Math.round(low + ((high - low) * (share - from)) / (to - from))
}

const marks = [' ', ' = ', '(', '):\n    ', ', ', '[', '.', '\n    ']

/** A word of four to six letters, one of some thousands. */
function wordOf(rng: Rng): string {
  const letters = (rng.int(4000) + 4000).toString(26)
  return (
    letters.replace(/\d/g, digit => 'qrstuvwxyz'[Number(digit)] as string) + 'ing'.slice(rng.int(4))
  )
}

/**
 * A number of characters as words, marks and line breaks, with about as many tokens as code has.
 */
function textOf(characters: number, rng: Rng): string {
  const parts: string[] = []
  for (let size = 0; size < characters; size += parts.at(-1)?.length as number) {
    parts.push(wordOf(rng) + marks[rng.int(marks.length)])
  }
  return parts.join('').slice(0, characters)
}

function draftOf(rng: Rng, pairs: number): { draft: Draft; pairs: Pair[] } {
  const of = (part: keyof typeof lengths) => textOf(lengthOf(part, rng), rng)
  const isOne = pairs === 1
  const made = Array.from({ length: pairs }, () => {
    const [input, output] = isOne
      ? [of('input'), of('output')]
      : [of('pairInput'), of('pairOutput')]
    return { input: input as string, output: output as string, canonical: output as string }
  })
  const program = `def f(${of('program')}`.slice(0, -6)
  const inputs = made.map(({ input }) => input)
  return { draft: { program, inputs, message: isOne ? '' : of('message') }, pairs: made }
}

/** The tasks that are in the buffer at first, and then those of this step. */
function taskOf(kind: Kind, index: number): Task {
  const rng = stream(1, 'task', kind, index)
  const { draft, pairs } = draftOf(rng, kind === 'induction' ? config.propose.inputs : 1)
  const { program, message } = draft
  const id = `${kind}/${index}`
  return { id, kind, program, normalized: program, pairs, message, hash: id }
}

type Asked = { dialect: Dialect; kind: Kind; index: number; thought: number }

function proposalOf({ dialect, kind, index, thought }: Asked): [string, string] {
  const rng = stream(1, 'proposal', kind, index)
  const all = Array.from({ length: buffer }, (_, at) => at)
  const isInduction = kind === 'induction'
  const references = isInduction ? [] : rng.sample(all, config.propose.references)
  const known = new Map([...references, rng.int(buffer)].map(at => [`${at}`, at]))
  const order = {
    id: `propose/${kind}/${index}`,
    kind,
    attempt: 0,
    references: references.map(String),
    program: isInduction ? ([...known.keys()][0] as string) : null,
  }
  const from = isInduction ? 'deduction' : kind
  const tasks = { of: (id: string) => taskOf(from, known.get(id) as number) }
  const context = contextOf(config, tasks, order)
  const { program, pairs, message } = taskOf(kind, buffer + index)
  const fences = pairs.map(({ input }) => fence('input', input))
  const parts = isInduction ? [...fences, fence('message', message)] : [fence('python', program)]
  const answer = isInduction ? parts : [...parts, ...fences]
  return [
    dialect.proposerPrompt(kind, context),
    written(dialect, rng, thought, answer.join('\n\n')),
  ]
}

function answerOf({ dialect, kind, index, thought }: Asked): [string, string] {
  const rng = stream(1, 'answer', kind, index)
  const task = taskOf(kind, buffer + index)
  const [pair] = task.pairs as [Pair]
  const texts = {
    induction: () => fence('python', task.program),
    deduction: () => fence('output', pair.output),
    abduction: () => fence('input', pair.input),
  }
  const answer = texts[kind as keyof typeof texts]()
  return [dialect.solverPrompt(task), written(dialect, rng, thought, answer)]
}

/** Thoughts are half to one and a half times as long as requested. */
function written({ name }: Dialect, rng: Rng, thought: number, answer: string): string {
  const text = textOf(thought * (0.5 + rng.next()), rng)
  if (name === 'code') return `${text}\n${answer}`
  return ` ${text} </think> <answer>\n${answer}\n</answer>`
}

/** Words, single digits, runs of marks and of blanks: about what a tokenizer for code makes. */
const pieces = / ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]+|\s+/gu

export type Size = {
  dialect: 'r1' | 'code'
  /** Proposals of each kind, and as many answers. */
  tasks: number
  /** Characters of a thought, on average. */
  thought: number
  vocabulary: number
}

export function stepBatch({ dialect: name, tasks, thought, vocabulary }: Size): Row[] {
  const ids = new Map<string, number>()
  const read = (text: string) =>
    Array.from(text.matchAll(pieces), ([piece]) => {
      const known = ids.get(piece) ?? 5 + (ids.size % (vocabulary - 5))
      ids.set(piece, known)
      return known
    })
  const dialect = dialectOf({ ...config, dialect: name }, builtInKinds.all)
  const indices = Array.from({ length: tasks }, (_, index) => index)
  const texts = kinds.flatMap(kind => [
    ...indices.map(index => proposalOf({ dialect, kind, index, thought })),
    ...indices.map(index => answerOf({ dialect, kind, index, thought })),
  ])
  return texts.map(([prompt, answer], at) => {
    const reward = stream(1, 'reward', at).int(2)
    return { prompt: read(prompt), answer: read(answer), reward }
  })
}
