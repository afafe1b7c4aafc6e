/** What the tasks of a run have in common with the items of one benchmark: text, questions, behaviour. */
import type { Sandbox } from '../../../domain/execution.ts'
import type { Benchmark } from '../benchmark.ts'
import { batteryOf, sameBehaviour, sameOnBoth } from './behaviour.ts'
import { codeTokens, type Item, proseTokens, type TextOverlap, textOverlap } from './overlap.ts'

export type Proposed = { id: string; text: string; input: string; output: string }
export type Match = { item: string; task: string }

export type Contamination = TextOverlap & {
  suite: string
  /** The very question: the same input and output as an item's (CRUXEval). */
  questions: Match[]
  /** Programs that do what an item asks for on its own inputs; null: not a matter of programs. */
  behaviour: Match[] | null
  /** Programs that were run for this, and those of them that did not come to an end. */
  programs: number
  unfinished: number
}

function itemsOf(benchmark: Benchmark): Item[] {
  switch (benchmark.family) {
    case 'evalplus':
      return benchmark.items.map(({ id, prompt, solution }) => {
        return { id, tokens: codeTokens(prompt + solution) }
      })
    case 'cruxeval':
      return benchmark.items.map(({ id, code }) => ({ id, tokens: codeTokens(code) }))
    case 'livecodebench':
      return benchmark.items.map(({ id, question }) => {
        return { id, tokens: proseTokens(question) }
      })
    case 'math':
      return benchmark.items.map(({ id, problem }) => {
        return { id, tokens: proseTokens(problem) }
      })
    case 'micro':
      return benchmark.items.map(({ id, program }) => {
        return { id, tokens: codeTokens(program) }
      })
  }
}

/** Input and output as one text, the same for equal values; null where they are no literals. */
async function questionOf(sandbox: Sandbox, input: string, output: string) {
  const [given, wanted] = await Promise.all([
    sandbox.readArguments(input),
    sandbox.readLiteral(output),
  ])
  return given.ok && wanted.ok ? `${given.canonical} -> ${wanted.canonical}` : null
}

async function sameQuestions(
  sandbox: Sandbox,
  benchmark: Benchmark,
  pairs: readonly Omit<Proposed, 'text'>[],
): Promise<Match[]> {
  if (benchmark.family !== 'cruxeval') return []
  const askers = new Map<string, string>()
  for (const { id, input, output } of pairs) {
    const question = await questionOf(sandbox, input, output)
    if (question && !askers.has(question)) askers.set(question, id)
  }
  const found: Match[] = []
  for (const { id, input, output } of benchmark.items) {
    const task = askers.get((await questionOf(sandbox, input, output)) ?? '')
    if (task) found.push({ item: id, task })
  }
  return found
}

type Search = { sandbox: Sandbox; atOnce: number; onProgram: () => void; signal?: AbortSignal }

async function behaviourOf(
  benchmark: Benchmark,
  programs: readonly Proposed[],
  { sandbox, atOnce, onProgram, signal }: Search,
): Promise<{ matches: Match[]; unfinished: number } | null> {
  const { family, items } = benchmark
  if (family !== 'evalplus' && family !== 'cruxeval') return null
  const battery = family === 'evalplus' ? await batteryOf(sandbox, items, signal) : null
  const matches: Match[] = []
  let unfinished = 0
  let next = 0
  const lane = async () => {
    for (let at = next++; at < programs.length; at = next++) {
      const program = programs[at] as Proposed
      const found = battery
        ? await sameBehaviour(sandbox, battery, program.text, signal)
        : await sameOnBoth(sandbox, items as never, program, signal)
      if (found === null) unfinished += 1
      matches.push(...(found ?? []).map(item => ({ item, task: program.id })))
      onProgram()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return { matches: matches.sort((a, b) => (a.task < b.task ? -1 : 1)), unfinished }
}

export async function contaminationOf(
  benchmark: Benchmark,
  proposed: { programs: readonly Proposed[]; pairs: readonly Omit<Proposed, 'text'>[] },
  options: Search & { ngram: number; run: readonly Proposed[] },
): Promise<Contamination> {
  const isCode = !['math', 'livecodebench'].includes(benchmark.family)
  const words = { ngram: options.ngram, isCode }
  const text = textOverlap(itemsOf(benchmark), proposed.programs, words)
  const behaviour = await behaviourOf(benchmark, options.run, options)
  return {
    suite: benchmark.name,
    ...text,
    questions: await sameQuestions(options.sandbox, benchmark, proposed.pairs),
    behaviour: behaviour?.matches ?? null,
    programs: behaviour ? options.run.length : 0,
    unfinished: behaviour?.unfinished ?? 0,
  }
}
