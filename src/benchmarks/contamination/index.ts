/**
 * Finds what the tasks of a run share with the items of one benchmark: text, questions, behaviour.
 */
import type { Sandbox } from '../../../domain/execution.ts'
import type { Item } from '../benchmark.ts'
import type { Comparison, OwnBenchmark, Proposed } from '../own.ts'
import { codeTokens, proseTokens, type TextOverlap, textOverlap } from './overlap.ts'

export type Match = { item: string; task: string }

export type Contamination = TextOverlap & {
  suite: string
  /** Tasks that ask the same question: they have the input and output of an item (CRUXEval). */
  questions: Match[]
  /** Programs that solve an item on its own inputs; null if the items are not programs. */
  behaviour: Match[] | null
  /** Programs that were run for this, and those that did not finish. */
  programs: number
  unfinished: number
}

/** Input and output as one text, equal for equal values; null if they are not literals. */
async function questionOf(sandbox: Sandbox, input: string, output: string) {
  const [given, wanted] = await Promise.all([
    sandbox.readArguments(input),
    sandbox.readLiteral(output),
  ])
  return given.ok && wanted.ok ? `${given.canonical} -> ${wanted.canonical}` : null
}

type Pair = Omit<Proposed, 'text'>

async function sameQuestions(
  sandbox: Sandbox,
  items: readonly Pair[],
  pairs: readonly Pair[],
): Promise<Match[]> {
  if (items.length === 0) return []
  const askers = new Map<string, string>()
  for (const { id, input, output } of pairs) {
    const question = await questionOf(sandbox, input, output)
    if (question && !askers.has(question)) askers.set(question, id)
  }
  const found: Match[] = []
  for (const { id, input, output } of items) {
    const task = askers.get((await questionOf(sandbox, input, output)) ?? '')
    if (task) found.push({ item: id, task })
  }
  return found
}

type Trial = { sandbox: Sandbox; atOnce: number; onProgram: () => void; signal?: AbortSignal }

async function behaviourOf(
  comparison: Comparison<Item>,
  items: readonly Item[],
  programs: readonly Proposed[],
  { sandbox, atOnce, onProgram, signal }: Trial,
): Promise<{ matches: Match[]; unfinished: number } | null> {
  const search = await comparison.behaviour?.(items, sandbox, signal)
  if (!search) return null
  const matches: Match[] = []
  let unfinished = 0
  let next = 0
  const lane = async () => {
    for (let at = next++; at < programs.length; at = next++) {
      const program = programs[at] as Proposed
      const found = await search(program)
      if (found === null) unfinished += 1
      matches.push(...(found ?? []).map(item => ({ item, task: program.id })))
      onProgram()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return { matches: matches.sort((a, b) => (a.task < b.task ? -1 : 1)), unfinished }
}

export async function contaminationOf(
  { name, comparison }: OwnBenchmark,
  items: readonly Item[],
  proposed: { programs: readonly Proposed[]; pairs: readonly Pair[] },
  options: Trial & { ngram: number; run: readonly Proposed[] },
): Promise<Contamination> {
  const { isCode } = comparison
  const tokensOf = isCode ? codeTokens : proseTokens
  const texts = items.map(item => ({ id: item.id, tokens: tokensOf(comparison.textOf(item)) }))
  const text = textOverlap(texts, proposed.programs, { ngram: options.ngram, isCode })
  const behaviour = await behaviourOf(comparison, items, options.run, options)
  const asked = items.flatMap(item => {
    const pair = comparison.pairOf?.(item)
    return pair ? [{ id: item.id, ...pair }] : []
  })
  return {
    suite: name,
    ...text,
    questions: await sameQuestions(options.sandbox, asked, proposed.pairs),
    behaviour: behaviour?.matches ?? null,
    programs: behaviour ? options.run.length : 0,
    unfinished: behaviour?.unfinished ?? 0,
  }
}
