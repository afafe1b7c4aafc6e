/**
 * Abduction: the solver sees the program and its output, and finds an input that gives it (figure
 * 38).
 */
import { inverted } from '../prompts/code-head.ts'
import { fence } from '../prompts/reading.ts'
import type { Task } from '../task.ts'
import {
  askInput,
  endOfCall,
  proposeFunction,
  readFunction,
  readInput,
  showAll,
  showBackwards,
  stopsOfProposal,
} from './continued.ts'
import type { BuiltInKind } from './kind.ts'
import { judgeInput, validateProgram } from './steps.ts'
import { proposeMarked, proposeTriplet, readMarked, readTriplet, zeroTriplet } from './triplet.ts'

const heads = { propose: showAll(inverted), solve: showBackwards(inverted) }

const aim = {
  goal: 'finding inputs',
  brief:
    'Your snippet will be run on your input. A test taker will be shown the snippet and the output, ' +
    'and has to find any input that gives that output. The snippet should need deep algorithmic ' +
    'reasoning to work backwards from an output to an input.',
  difficulty: 'how hard it is to find an input from the snippet and the output',
}

function question({ program, pairs: [pair] }: Task): string {
  return [
    '## Task: find an input of a Python snippet that gives an output',
    'Think step by step. Any input that gives the output is right. Put one, made of Python literals, ' +
      'in a fence tagged input. Strings stand in quotes; several arguments are separated by commas.',
    `### The snippet\n${fence('python', program)}`,
    `### The output\n${fence('output', pair?.output ?? '')}`,
    `### An example of an answer\n${fence('input', "'Mara', {'age': 21, 'city': 'Lisbon'}")}`,
  ].join('\n\n')
}

export const abduction: BuiltInKind = {
  name: 'abduction',
  label: 'abduction',
  asks: 'what gives {output}? for one f({input})',
  colors: { light: '#a04c14', dark: '#f0a060' },
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
      readAnswer: (text, reader) => reader.value(text, 'input'),
    },
    code: {
      zero: zeroTriplet.code,
      propose: context => proposeFunction(heads.propose, context),
      solve: task => askInput(heads.solve, task),
      readProposal: readFunction,
      readAnswer: readInput,
      endProposal: endOfCall,
      stops: { proposal: stopsOfProposal, answer: [' ==', '\n\n', '\ndef ', '\nprint('] },
    },
    micro: {
      zero: zeroTriplet.micro,
      propose: context => proposeMarked('<PB>', context),
      solve: ({ program, pairs: [pair] }) => `<B>${program}<R>${pair?.output}<S>`,
      readProposal: readMarked,
    },
  },
  validate: validateProgram,
  judge: judgeInput,
  answers: ({ pairs }) => [pairs.map(({ input }) => input)],
}
