/**
 * Induction: the solver sees pairs of input and output, and finds the program. A proposal is a list
 * of inputs and a message for a program of another kind (the paper's figures 36 and 39).
 */
import { paired } from '../prompts/code-head.ts'
import { accept, fence, list, type Parsed, type Reader, refuse } from '../prompts/reading.ts'
import type { Task } from '../task.ts'
import {
  askCalls,
  askFunction,
  endOfCalls,
  headOfCalls,
  headOfPairs,
  readCalls,
  readProgram,
} from './continued.ts'
import type { BuiltInKind, Draft, ProposalContext, SolvingContext } from './kind.ts'
import { judgeProgram, shownPairs, validateProgram } from './steps.ts'
import { plainTypes } from './triplet.ts'

/** Share of the pairs that the solver sees: the first half. */
const shownShare = 0.5

const heads = {
  propose: headOfCalls(
    paired.map(({ program, pairs }) => ({ program, inputs: pairs.map(([input]) => input) })),
  ),
  solve: headOfPairs(paired.map(({ program, pairs }) => ({ program, pairs: pairs.slice(0, 3) }))),
}

function request(context: ProposalContext): string {
  const n = context.inputs
  const program = `${context.program?.program ?? ''}\n\nf(<your input>)`
  return [
    `## Task: give ${n} inputs for a snippet, and a message that helps to find it`,
    `Below is a Python snippet. Give ${n} inputs for it that lead to diverse outputs, and a message. ` +
      'Some of the inputs, with their outputs and the message, are shown to a test taker, who has to ' +
      'find the function. Treat it as an item of an IQ test.',
    `### Rules for the inputs\n${list([
      `Exactly ${n} valid inputs, made of Python literals: numbers, strings, lists and the like, no calls`,
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
      'All inputs must run, and give values that are neither None nor NaN',
      `Each value is ${plainTypes}`,
      'Together the inputs cover what the snippet can do, so that it can be deduced',
      'The inputs differ enough from one another',
      'Inputs and message together make it hard to find the snippet, and not impossible',
    ])}`,
    'First plan which inputs and which message you choose. Then write them.',
    `### The snippet\n${fence('python', program)}`,
  ].join('\n\n')
}

function question(task: Task, { timeoutMs }: SolvingContext): string {
  const pairs = shownPairs(task, shownShare).flatMap(({ input, output }, i) => [
    fence(`input_${i}`, input),
    fence(`output_${i}`, output),
  ])
  return [
    '## Task: find the Python function behind pairs of input and output',
    'From the pairs and the message, deduce a function `f` that is general: it also has to give the ' +
      'right outputs for inputs that are not shown. Check it against each pair and revise it where ' +
      'it fails. Put the final code in a fence tagged python.',
    '### Rules for the code\n- The entry function is called `f`; other functions and classes may ' +
      'stand inside it or above it\n- It returns a value and is deterministic: no randomness, dates, ' +
      `files, network, printing or outside state\n- It runs in less than ${timeoutMs / 1000} seconds ` +
      'for each input\n- Imports and classes come first, and the last statement is the return of `f`',
    `### Pairs\n${pairs.join('\n')}`,
    `### Message\n${fence('message', task.message)}`,
    `### An example of an answer\n${fence('python', 'def f(a):\n    return a')}`,
    'Remember that the entry function has to be called `f`.',
  ].join('\n\n')
}

function readFences(text: string, context: ProposalContext, reader: Reader): Parsed<Draft> {
  const inputs = reader.inputs(text)
  if (inputs.length < context.inputs) return refuse('too few inputs')
  const message = reader.message(text)
  if (!message.ok) return message
  if (context.extras === 'refused') {
    if (inputs.length > context.inputs) return refuse('too many inputs')
    if (reader.messages(text).length > 1) return refuse('more than one message')
  }
  const program = context.program?.program ?? ''
  return accept({ program, inputs: inputs.slice(-context.inputs), message: message.value })
}

/** Reads `1;2;3` in the micro dialect. The end by count leaves no more inputs than wanted. */
function readList(text: string, { inputs: wanted, program }: ProposalContext): Parsed<Draft> {
  const inputs = text.split(';').slice(0, wanted)
  if (inputs.length < wanted) return refuse('too few inputs')
  return accept({ program: program?.program ?? '', inputs, message: '' })
}

function showPairs(task: Task): string {
  const pairs = shownPairs(task, shownShare).map(({ input, output }) => `${input}<R>${output};`)
  return `<F>${pairs.join('')}<S>`
}

export const induction: BuiltInKind = {
  name: 'induction',
  label: 'induction',
  asks: 'what gives {pairs}?',
  colors: { light: '#6d3fc0', dark: '#b394f4' },
  from: 'program',
  givesPrograms: false,
  writesProgram: false,
  shownShare,
  instances: 'given',
  words: {
    r1: {
      zero: {
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
      propose: request,
      solve: question,
      readProposal: readFences,
      readAnswer: (text, reader) => reader.code(text),
    },
    code: {
      zero: {
        program: 'def f(a: int, b: int) -> int:\n    return a * 2 + b',
        inputs: ['1, 2', '0, 5', '7, 7', '-3, 4', '10, 0', '2, -2'],
        message: '',
      },
      propose: context => askCalls(heads.propose, context),
      solve: task => askFunction(heads.solve, shownPairs(task, shownShare)),
      readProposal: readCalls,
      readAnswer: readProgram,
      endProposal: endOfCalls,
      stops: { proposal: ['\n\n', '\ndef ', '\nassert ', '\nprint('] },
    },
    micro: {
      zero: {
        program: 'def f(a):\n return a',
        inputs: ['1', '[2, 3]', '14', '[5]', '0', '[8, 13, 2]', '20', '[7, 7]'],
        message: '',
      },
      propose: ({ program }) => `<PF>${program?.program}<S>`,
      solve: showPairs,
      readProposal: readList,
      endProposal: ({ inputs }) => ({ text: ';', count: inputs }),
    },
  },
  validate: validateProgram,
  judge: judgeProgram,
  answers: ({ pairs }) => [pairs.map(({ input }) => input), pairs.map(({ output }) => output)],
}
