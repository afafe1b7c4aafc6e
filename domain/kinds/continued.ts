/**
 * Parts that the kinds share in the dialect `code`: the beginnings of functions and calls that a
 * model continues, and the readers of its continuation. The examples are in
 * domain/prompts/code-head.ts.
 *
 * A prompt ends between two tokens. Most tokenizers have `([` and `("` as one token, so a model
 * that has to continue `f(` writes a number, whatever the function takes.
 */
import { nextExample } from '../prompts/code.ts'
import type { Shown } from '../prompts/code-head.ts'
import type { End } from '../prompts/end.ts'
import { accept, type Parsed, refuse } from '../prompts/reading.ts'
import type { Task } from '../task.ts'
import type { Draft, ProposalContext } from './kind.ts'

const entry = 'def f'
const call = '\nassert f('
/** The gap between examples. */
const gap = '\n\n\n'

const show = ({ program, input, output }: Shown) =>
  `${program}\n${call}${input}) == ${output}${gap}`

export const showAll = (shown: readonly Shown[]) => shown.map(show).join('')

const asShown = ({ program, pairs: [pair] }: Task): Shown => {
  return { program, input: pair?.input ?? '', output: pair?.output ?? '' }
}

/** The beginning of a function. The arrow is a token of its own, a bracket is not. */
const beginning = ({ parameters }: ProposalContext) =>
  parameters === null ? entry : `${entry}(${parameters}) ->`

/** Examples, references, and the beginning of a function. */
export const proposeFunction = (head: string, context: ProposalContext) =>
  head + showAll(context.references.map(asShown)) + beginning(context)

/** A proposal ends with its call. An output that the model claims is not part of it. */
export const endOfCall = (): End => ({ after: call, text: ') ==', count: 1 })
/** A function may have blank lines. After it comes the call, without a comment. */
export const stopsOfProposal = [...nextExample.filter(stop => stop !== '\nassert '), '\n#']

/** Reads the rest of the function, and the arguments of the call below it. */
export function readFunction(text: string, context: ProposalContext): Parsed<Draft> {
  const [program, input, ...others] = text.split(call)
  if (input === undefined) return refuse('no call')
  if (others.length > 0) return refuse('more than one call')
  const whole = beginning(context) + program?.trimEnd()
  return accept({ program: whole, inputs: [input.trim()], message: '' })
}

/** The answer without the comments before it: `# so it is 7`, then `7`. */
function withoutThoughts(text: string): string {
  const lines = text.split('\n')
  const first = lines.findIndex(line => !/^\s*(#.*)?$/.test(line))
  return first < 0 ? '' : lines.slice(first).join('\n').trim()
}

/** Continues `assert f(…) ==`. */
export const askOutput = (head: string, task: Task) => {
  const { program, input } = asShown(task)
  return `${head}${program}\n${call}${input}) ==`
}

export function readOutput(text: string): Parsed<string> {
  const answer = withoutThoughts(text)
  return answer === '' ? refuse('no answer') : accept(answer)
}

/** The model continues with `assert f(…)`, below a line with the wanted output. */
export const showBackwards = (shown: readonly Shown[]) =>
  shown
    .map(
      ({ program, input, output }) =>
        `${program}\n\n# f(?) == ${output}${call}${input}) == ${output}${gap}`,
    )
    .join('')

export const askInput = (head: string, task: Task) => {
  const { program, output } = asShown(task)
  return `${head}${program}\n\n# f(?) == ${output}\n`
}

/** Reads `assert f(3, 4)`. The stop text is the ` ==` after it. */
export function readInput(text: string): Parsed<string> {
  const answer = withoutThoughts(text)
  const input = /^assert f\(([\s\S]*)\)$/.exec(answer)?.[1]
  return input === undefined
    ? refuse(answer === '' ? 'no answer' : 'no call')
    : accept(input.trim())
}

/** A function and its calls below it. */
const showCalls = (program: string, inputs: readonly string[]) =>
  `${program}\n\n${inputs.map(input => `f(${input})\n`).join('')}\n\n`

export const headOfCalls = (shown: readonly { program: string; inputs: readonly string[] }[]) =>
  shown.map(({ program, inputs }) => showCalls(program, inputs)).join('')

/** The call that is known to run comes first, because a small model then keeps to its types. */
export function askCalls(head: string, { program }: ProposalContext): string {
  const known = program?.pairs[0] ? `f(${program.pairs[0].input})\n` : ''
  return `${head}${program?.program}\n\n${known}`
}

/** The known call counts as one of those that are asked for. */
const callsToWrite = ({ inputs, program }: ProposalContext) => inputs - (program?.pairs[0] ? 1 : 0)

export const endOfCalls = (context: ProposalContext): End => {
  return { text: '\n', count: callsToWrite(context) }
}

/** Reads lines such as `f(3, 4)`. */
export function readCalls(text: string, context: ProposalContext): Parsed<Draft> {
  const { program } = context
  const wanted = callsToWrite(context)
  const lines = text.split('\n').slice(0, wanted)
  const inputs = lines.flatMap(line => /^f\((.*)\)\s*$/.exec(line)?.[1] ?? [])
  if (inputs.length < lines.length) return refuse('a line that is no call')
  if (inputs.length < wanted) return refuse('too few inputs')
  const known = program?.pairs[0] ? [program.pairs[0].input] : []
  return accept({ program: program?.program ?? '', inputs: [...known, ...inputs], message: '' })
}

const showPairs = (pairs: readonly (readonly [input: string, output: string])[]) =>
  pairs.map(([input, output]) => `assert f(${input}) == ${output}\n`).join('')

export const headOfPairs = (
  shown: readonly { program: string; pairs: readonly (readonly [string, string])[] }[],
) => shown.map(({ program, pairs }) => `${showPairs(pairs)}\n${program}${gap}`).join('')

/** Continues `def f`, below pairs that the function has to give. */
export const askFunction = (head: string, pairs: readonly { input: string; output: string }[]) =>
  `${head}${showPairs(pairs.map(({ input, output }) => [input, output] as const))}\n${entry}`

export const readProgram = (text: string): Parsed<string> => accept(entry + text.trimEnd())
