/** Deduction: the solver sees the program and its input, and finds the output (figure 37). */
import { followed } from '../prompts/code-head.ts'
import { fence } from '../prompts/reading.ts'
import type { Task } from '../task.ts'
import {
  askOutput,
  endOfCall,
  proposeFunction,
  readFunction,
  readOutput,
  showAll,
  stopsOfProposal,
} from './continued.ts'
import type { BuiltInKind } from './kind.ts'
import { judgeOutput, validateProgram } from './steps.ts'
import { proposeMarked, proposeTriplet, readMarked, readTriplet, zeroTriplet } from './triplet.ts'

const head = showAll(followed)

const aim = {
  goal: 'predicting outputs',
  brief:
    'A test taker will be shown your snippet and your input, and has to work out the output. The ' +
    'snippet should need deep, step by step reasoning to follow from the input to the output.',
  difficulty: 'how hard it is to predict the output from the snippet and the input',
}

function question({ program, pairs: [pair] }: Task): string {
  return [
    '## Task: find the output of a Python snippet for an input',
    'Think step by step about what the snippet does with the input. Put the output, as a Python ' +
      'literal, in a fence tagged output. Strings stand in quotes; several returned values are ' +
      'written as a tuple.',
    `### The snippet\n${fence('python', program)}`,
    `### The input\n${fence('input', pair?.input ?? '')}`,
    `### An example of an answer\n${fence('output', "{'age': 20, 'city': 'Lisbon'}")}`,
  ].join('\n\n')
}

export const deduction: BuiltInKind = {
  name: 'deduction',
  label: 'deduction',
  asks: 'what is f({input})? {output}',
  colors: { light: '#2460a7', dark: '#6aa9f5' },
  from: 'references',
  givesPrograms: true,
  writesProgram: true,
  shownShare: 1,
  instances: 'taken',
  words: {
    r1: {
      zero: zeroTriplet.r1,
      propose: context => proposeTriplet(aim, context),
      solve: question,
      readProposal: readTriplet,
      readAnswer: (text, reader) => reader.value(text, 'output'),
    },
    code: {
      zero: zeroTriplet.code,
      propose: context => proposeFunction(head, context),
      solve: task => askOutput(head, task),
      readProposal: readFunction,
      readAnswer: readOutput,
      endProposal: endOfCall,
      stops: { proposal: stopsOfProposal, answer: ['\n\n', '  #', '\ndef ', '\nassert '] },
    },
    micro: {
      zero: zeroTriplet.micro,
      propose: context => proposeMarked('<PD>', context),
      solve: ({ program, pairs: [pair] }) => `<D>${program}<I>${pair?.input}<S>`,
      readProposal: readMarked,
    },
  },
  validate: validateProgram,
  judge: judgeOutput,
  answers: ({ pairs }) => [pairs.map(({ output }) => output)],
}
