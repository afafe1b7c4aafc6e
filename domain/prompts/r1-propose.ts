/** Texts that ask the r1 dialect's proposer for tasks (requirements: the paper's figures 34 to 36). */
import type { Kind, Task } from '../task.ts'
import type { ProposalContext } from './dialect.ts'

export const fence = (tag: string, text: string) => `\`\`\`${tag}\n${text}\n\`\`\``

const goals = {
  deduction:
    'A test taker will be shown your snippet and your input, and has to work out the output. The ' +
    'snippet should need deep, step by step reasoning to follow from the input to the output.',
  abduction:
    'Your snippet will be run on your input. A test taker will be shown the snippet and the output, ' +
    'and has to find any input that gives that output. The snippet should need deep algorithmic ' +
    'reasoning to work backwards from an output to an input.',
} as const

const difficulty = {
  deduction: 'how hard it is to predict the output from the snippet and the input',
  abduction: 'how hard it is to find an input from the snippet and the output',
} as const

const example = [
  fence(
    'python',
    'def f(name: str, info: dict):\n    years = info["age"] * 2\n' +
      '    return name[::-1] + info["city"][:3] + str(years)',
  ),
  fence('input', "'Mara', {'age': 21, 'city': 'Lisbon'}"),
].join('\n\n')

export const codeRules = (context: ProposalContext) => [
  'The entry function is called `f`; other functions and classes may stand inside it or above it',
  '`f` takes at least one argument and returns a value that is not None',
  'It is deterministic: the same input always gives the same output',
  'No randomness, dates or times, no files, network or other input and output, no printing or ' +
    'logging, no state outside the function',
  `It runs in less than ${context.timeoutMs / 1000} seconds, and the text of its output has at most ` +
    `${context.maxOutputChars} characters`,
  'Imports and classes come first, and the last statement is the return of `f`',
]

const list = (lines: string[]) => lines.map(line => `- ${line}`).join('\n')

function showReference(task: Task, k: number): string {
  const [pair] = task.pairs
  return [
    `<snippet_${k}>`,
    fence('python', task.program),
    fence('input', pair?.input ?? ''),
    fence('output', pair?.output ?? ''),
    `</snippet_${k}>`,
  ].join('\n')
}

export function tripletProposal(
  kind: Exclude<Kind, 'induction'>,
  context: ProposalContext,
): string {
  const goal = kind === 'deduction' ? 'predicting outputs' : 'finding inputs'
  return [
    `## Task: write a new Python snippet for a test of ${goal}, with one matching input`,
    `Treat it as an item of an IQ test. ${goals[kind]} Custom classes are allowed, at the top. ` +
      'Make it clearly different from the reference snippets below.',
    `### Rules for the code\n${list([
      ...codeRules(context),
      'It transforms its data in several steps whose intermediate state must be followed',
    ])}`,
    `### Rules for the input\n${list([
      'Exactly one test input, made of Python literals',
      'Several arguments are separated by commas, without their names',
      'Strings stand in quotes',
    ])}`,
    `### Format of the answer\nThe code in a fence tagged python, the input in a fence tagged input. ` +
      `An example:\n\n${example}`,
    `### How it is judged\n${list([
      'It must run with the given input',
      `Difficulty: ${difficulty[kind]}. Ideas: data structures of your own (trees, heaps, stacks, ` +
        'queues, graphs), intricate control flow, dynamic programming, recursion, divide and ' +
        'conquer, greedy choices, backtracking',
      'Creativity: how much it differs from the references',
      `None of these may be imported or named in the code: ${context.bannedWords.join(', ')}`,
    ])}`,
    'First plan how your snippet is hard, different and creative. Then write the code and the input.',
    `### Reference snippets\n${context.references.map(showReference).join('\n') || '(none yet)'}`,
  ].join('\n\n')
}

export function inductionProposal(context: ProposalContext): string {
  const n = context.inputs
  const program = `${context.program?.program ?? ''}\n\nf(<your input>)`
  return [
    `## Task: give ${n} inputs for a snippet, and a message that helps to find it`,
    `Below is a Python snippet. Give ${n} inputs for it that lead to diverse outputs, and a message. ` +
      'Some of the inputs, with their outputs and the message, are shown to a test taker, who has to ' +
      'find the function. Treat it as an item of an IQ test.',
    `### Rules for the inputs\n${list([
      `${n} valid inputs, made of Python literals`,
      'Several arguments are separated by commas, without their names; strings stand in quotes',
      'Each input stands in a fence of its own, tagged input',
    ])}`,
    `### Rules for the message\n${list([
      'It helps to deduce the snippet, without giving it away: it must not contain the code',
      'It stands in a fence tagged message; a question or a description, in any form',
    ])}`,
    '### Format of the answer\nAn example with two inputs:\n\n' +
      [
        fence('input', "'Mara', {'age': 21, 'city': 'Lisbon'}"),
        fence('input', "'Ono', {'age': 3, 'city': 'Kyoto'}"),
        fence('message', 'A person and some facts become one word. What happens to the name?'),
      ].join('\n\n'),
    `### How it is judged\n${list([
      'All inputs must run',
      'Together the inputs cover what the snippet can do, so that it can be deduced',
      'The inputs differ enough from one another',
      'Inputs and message together make it hard to find the snippet, and not impossible',
    ])}`,
    'First plan which inputs and which message you choose. Then write them.',
    `### The snippet\n${fence('python', program)}`,
  ].join('\n\n')
}
