/**
 * Errors, the fourth kind of the published code (`code_e`): the solver sees the program and its
 * input, and names the exception that it raises, or NoError.
 */
import {
  accept,
  type Draft,
  type Execution,
  fence,
  list,
  type Parsed,
  type Proposal,
  type ProposalContext,
  type Question,
  type Reader,
  refuse,
  refuseProgram,
  showReference,
  type Task,
  type TaskKind,
  type Tools,
  type Validated,
} from 'azr/kind'

const noError = 'NoError'

/** The answer that a run corresponds to; null if there is none. */
function nameOf({ outcome, error }: Execution): string | null {
  if (outcome === 'returned') return noError
  return outcome === 'raised' ? error : null
}

function propose({ timeoutMs, bannedWords, references }: ProposalContext): string {
  return [
    '## Task: write a new Python snippet for a test of finding errors, with one matching input',
    'A test taker is shown your snippet and your input, and has to name the class of the exception ' +
      `that running it raises, or ${noError}. Classes of exceptions of your own are allowed, at the ` +
      'top. It has to parse, and to need step by step reasoning to follow.',
    `### Rules for the code\n${list([
      'The entry function is called `f` and takes at least one argument',
      'It is deterministic; no randomness, dates or times, no files, network or other input and output',
      `It runs in less than ${timeoutMs / 1000} seconds`,
      `None of these may be imported or used in the code: ${bannedWords.join(', ')}`,
    ])}`,
    '### Format of the answer\nThe code in a fence tagged python, the input, made of Python literals, in ' +
      'a fence tagged input.',
    `### Reference snippets\n${references.map(showReference).join('\n') || '(none yet)'}`,
  ].join('\n\n')
}

function solve({ program, pairs: [pair] }: Task): string {
  return [
    '## Task: find the error that a Python snippet raises for an input',
    `Think step by step. Put the name of its class, or ${noError}, in a fence tagged output.`,
    `### The snippet\n${fence('python', program)}`,
    `### The input\n${fence('input', pair?.input ?? '')}`,
    `### An example of an answer\n${fence('output', 'ValueError')}`,
  ].join('\n\n')
}

function readProposal(text: string, { extras }: ProposalContext, reader: Reader): Parsed<Draft> {
  if (extras === 'refused' && reader.programs(text).length > 1) {
    return refuse('more than one program')
  }
  if (extras === 'refused' && reader.inputs(text).length > 1) return refuse('more than one input')
  const program = reader.program(text)
  if (!program.ok) return program
  const input = reader.input(text)
  if (!input.ok) return input
  return accept({ program: program.value, inputs: [input.value], message: '' })
}

async function validate(
  { draft, rules }: Proposal,
  { inspect, execute }: Tools,
): Promise<Validated> {
  const seen = await inspect(draft.program)
  if (!seen.ok) return { reason: seen.error }
  const reason = refuseProgram(draft.program, seen.facts, rules)
  if (reason !== null) return { reason }
  const [run] = await execute(draft.program, draft.inputs)
  if (!run) return { reason: 'no input' }
  const name = nameOf(run)
  if (name === null) return { reason: [run.outcome, run.error].filter(Boolean).join(': ') }
  if (!run.literal) return { reason: 'input is no literal' }
  const [input = ''] = draft.inputs
  return {
    normalized: seen.facts.normalized,
    pairs: [{ input, output: name, canonical: name }],
    identity: [run.inputCanonical ?? input],
  }
}

/** Takes the first word and ignores the rest. */
async function judge({ answer, expected }: Question) {
  const [word = ''] = answer.trim().split(/[\s:]/)
  const right = word.toLowerCase() === expected[0]?.toLowerCase() ? 1 : 0
  return { type: 'judged' as const, right, count: 1, reason: null }
}

export default {
  name: 'error',
  label: 'error',
  asks: 'what does f({input}) raise? {output}',
  colors: { light: '#8c2f39', dark: '#ee8b96' },
  from: 'references',
  givesPrograms: false,
  writesProgram: true,
  shownShare: 1,
  words: {
    r1: {
      zero: { program: 'def f(a):\n    return a', inputs: ['"Hello world"'], message: '' },
      propose,
      solve,
      readProposal,
      readAnswer: (text, reader) => reader.value(text, 'output'),
    },
  },
  validate,
  judge,
  answers: ({ pairs }) => [pairs.map(({ output }) => output)],
} satisfies TaskKind
