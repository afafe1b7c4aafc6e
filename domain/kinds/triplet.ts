/**
 * The parts that deduction and abduction share: a proposal is a program with one input, written
 * after earlier ones (requirements: the paper's figures 34 and 35).
 */
import { accept, fence, list, type Parsed, type Reader, refuse } from '../prompts/reading.ts'
import type { Task } from '../task.ts'
import { buildOn, withHelpers } from './composite.ts'
import type { DialectName, Draft, ProposalContext, ZeroTask } from './kind.ts'

const triplet = (program: string, input: string): Draft => ({
  program,
  inputs: [input],
  message: '',
})

/** The paper's zero triplet. In `code` it has types, because a small model copies what it sees. */
export const zeroTriplet: Record<DialectName, ZeroTask> = {
  r1: triplet('def f(a):\n    return a', '"Hello world"'),
  code: triplet('def f(a: list[int]) -> int:\n    return sum(a) + len(a)', '[3, 1, 2]'),
  micro: triplet('def f(a):\n return a', '1'),
}

const example = [
  fence(
    'python',
    'def f(name: str, info: dict):\n    years = info["age"] * 2\n' +
      '    return name[::-1] + info["city"][:3] + str(years)',
  ),
  fence('input', "'Mara', {'age': 21, 'city': 'Lisbon'}"),
].join('\n\n')

/** The types of values that count. A Counter counts as a dict, which is its base type. */
export const plainTypes =
  'made of int, float, complex, bool, str, bytes, None, list, tuple, dict, set and frozenset; a ' +
  'deque, a range, an iterator or an object of a class of your own does not count'

export const codeRules = (context: ProposalContext) => [
  'The entry function is called `f`; other functions and classes may stand inside it or above it',
  '`f` takes at least one argument and returns a value that is neither None nor NaN',
  `That value is ${plainTypes}`,
  'It is deterministic: the same input always gives the same output',
  'No randomness, dates or times, no files, network or other input and output, no printing or ' +
    'logging, no state outside the function',
  `It runs in less than ${context.timeoutMs / 1000} seconds and ${context.memoryMb} MB, and the text ` +
    `of its output has at most ${context.maxOutputChars} characters`,
  `It has at most ${context.maxProgramChars} characters, and imports ` +
    `${['the standard library', ...context.libraries].join(', ')} alone`,
  'Imports and classes come first, and the last statement is the return of `f`',
]

/** An earlier task in a prompt. */
export function showReference(task: Task, k: number): string {
  const [pair] = task.pairs
  return [
    `<snippet_${k}>`,
    fence('python', task.program),
    fence('input', pair?.input ?? ''),
    fence('output', pair?.output ?? ''),
    `</snippet_${k}>`,
  ].join('\n')
}

/** The parts of the r1 prompts in which the two kinds differ. */
type Aim = { goal: string; brief: string; difficulty: string }

export function proposeTriplet({ goal, brief, difficulty }: Aim, context: ProposalContext): string {
  return [
    `## Task: write a new Python snippet for a test of ${goal}, with one matching input`,
    `Treat it as an item of an IQ test. ${brief} Custom classes are allowed, at the top. ` +
      'Make it clearly different from the reference snippets below.',
    `### Rules for the code\n${list([
      ...codeRules(context),
      'It transforms its data in several steps whose intermediate state must be followed',
    ])}`,
    `### Rules for the input\n${list([
      'Exactly one test input, made of Python literals: numbers, strings, lists and the like, no calls',
      'Several arguments are separated by commas, without their names',
      'Strings stand in quotes',
    ])}`,
    `### Format of the answer\nThe code in a fence tagged python, the input in a fence tagged input. ` +
      `An example:\n\n${example}`,
    `### How it is judged\n${list([
      'It must run with the given input',
      `Difficulty: ${difficulty}. Ideas: data structures of your own (trees, heaps, stacks, ` +
        'queues, graphs), intricate control flow, dynamic programming, recursion, divide and ' +
        'conquer, greedy choices, backtracking',
      'Creativity: how much it differs from the references; what was proposed before does not count',
      `None of these may be imported or used in the code: ${context.bannedWords.join(', ')}`,
    ])}`,
    'First plan how your snippet is hard, different and creative. Then write the code and the input.',
    ...buildOn(context.helpers),
    `### Reference snippets\n${context.references.map(showReference).join('\n') || '(none yet)'}`,
  ].join('\n\n')
}

export function readTriplet(
  text: string,
  { helpers, extras }: ProposalContext,
  reader: Reader,
): Parsed<Draft> {
  const program = reader.program(text)
  if (!program.ok) return program
  const input = reader.input(text)
  if (!input.ok) return input
  if (extras === 'refused') {
    if (reader.programs(text).length > 1) return refuse('more than one program')
    if (reader.inputs(text).length > 1) return refuse('more than one input')
  }
  const built = withHelpers(program.value, helpers)
  return built.ok ? accept(triplet(built.value, input.value)) : built
}

/** Writes `<PD>earlier program<N>another<S>`, in the micro dialect. */
export const proposeMarked = (marker: string, { references }: ProposalContext) =>
  `${marker}${references.map(task => task.program).join('<N>')}<S>`

/** Reads `program<I>input`. */
export function readMarked(text: string): Parsed<Draft> {
  const parts = text.split('<I>')
  if (parts.length < 2) return refuse('no input marker')
  if (parts.length > 2) return refuse('more than one marker')
  return accept(triplet(parts[0] as string, parts[1] as string))
}
