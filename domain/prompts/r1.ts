/**
 * The dialect for real language models: a think block, then an answer block with tagged fences. The
 * prompt ends inside the think block. The texts of the tasks are in r1-propose.ts and r1-solve.ts.
 */
import {
  accept,
  type Dialect,
  type Draft,
  type Parsed,
  type ProposalContext,
  refuse,
} from './dialect.ts'
import { inductionProposal, tripletProposal } from './r1-propose.ts'
import { solverTask } from './r1-solve.ts'

export const frame = (task: string) =>
  `The following is a dialogue between a user and an assistant. The assistant first thinks the ` +
  `matter through in private and then answers. Its reasoning stands between <think> and </think>, ` +
  `its answer between <answer> and </answer>, like this: <think> the reasoning </think> ` +
  `<answer> the answer </answer>.\nUser: ${task}\nAssistant: <think>`

/** The response continues the prompt's `<think>`: both blocks, and only blanks between them. */
const blocks = /^[\s\S]*?<\/think>\s*<answer>([\s\S]*?)<\/answer>/

export function answerBlock(text: string): Parsed<string> {
  const match = blocks.exec(text)
  const thought = text.slice(0, text.indexOf('</think>'))
  if (!match || thought.includes('<think>') || thought.includes('<answer>')) {
    return refuse('no think and answer blocks')
  }
  return accept((match[1] as string).trim())
}

/** Contents of all fences with one of these tags, in order. */
export function fences(text: string, tags: string): string[] {
  const pattern = new RegExp(`\`\`\`(?:${tags})[ \\t]*\\r?\\n([\\s\\S]*?)\`\`\``, 'gi')
  return [...text.matchAll(pattern)].map(match => (match[1] as string).replace(/\s+$/, ''))
}

function parseTriplet(text: string): Parsed<Draft> {
  const [program] = fences(text, 'python')
  if (program === undefined) return refuse('no code fence')
  const [input] = fences(text, 'input')
  if (input === undefined) return refuse('no input fence')
  return accept({ program, inputs: [input.trim()], message: '' })
}

function parseInductionProposal(text: string, context: ProposalContext): Parsed<Draft> {
  const inputs = fences(text, 'input').map(input => input.trim())
  if (inputs.length < context.inputs) return refuse('too few inputs')
  const [message] = fences(text, 'message')
  if (message === undefined) return refuse('no message')
  const program = context.program?.program ?? ''
  return accept({ program, inputs: inputs.slice(-context.inputs), message: message.trim() })
}

export const r1: Dialect = {
  name: 'r1',
  stop: ['</answer>', 'User:'],
  frame,
  zero: {
    deduction: { program: 'def f(a):\n    return a', inputs: ['"Hello world"'], message: '' },
    abduction: { program: 'def f(a):\n    return a', inputs: ['"Hello world"'], message: '' },
    induction: {
      program: 'def f(a):\n    return a',
      inputs: [
        '"Hello world"',
        '1',
        "{'a': 1, 'b': 2}",
        '(1.1, 1.2, 1.3)',
        '"[[1, 0, 0], [0, 1, 0], [0, 0, 1]]"',
        '1001101100010001',
      ],
      message: 'Write a function that gives back exactly what it is given',
    },
  },
  proposerPrompt: (kind, context) =>
    frame(kind === 'induction' ? inductionProposal(context) : tripletProposal(kind, context)),
  solverPrompt: task => frame(solverTask(task)),
  parseProposal(kind, text, context) {
    const answer = answerBlock(close(text))
    if (!answer.ok) return answer
    return kind === 'induction'
      ? parseInductionProposal(answer.value, context)
      : parseTriplet(answer.value)
  },
  parseAnswer(kind, text) {
    const answer = answerBlock(close(text))
    if (!answer.ok) return answer
    const tag = { deduction: 'output', abduction: 'input', induction: 'python' }[kind]
    const last = fences(answer.value, tag).at(-1)
    return last === undefined ? refuse('no answer') : accept(last.trim())
  },
  openings: {},
  hasScratch: text => /\S[\s\S]*<\/think>/.test(text),
}

/** The stop text `</answer>` is cut from a completion; a block that it ended is closed again. */
function close(text: string): string {
  return text.includes('<answer>') && !text.includes('</answer>') ? `${text}</answer>` : text
}
