/** Texts that put a task to the r1 dialect's solver (requirements: the paper's figures 37 to 39). */
import type { Task } from '../task.ts'
import { shownPairs } from './dialect.ts'
import { fence } from './r1-propose.ts'

function deduction({ program, pairs: [pair] }: Task): string {
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

function abduction({ program, pairs: [pair] }: Task): string {
  return [
    '## Task: find an input of a Python snippet that gives an output',
    'Think step by step. Any input that gives the output is right. Put one, made of Python literals, ' +
      'in a fence tagged input. Strings stand in quotes; several arguments are separated by commas.',
    `### The snippet\n${fence('python', program)}`,
    `### The output\n${fence('output', pair?.output ?? '')}`,
    `### An example of an answer\n${fence('input', "'Mara', {'age': 21, 'city': 'Lisbon'}")}`,
  ].join('\n\n')
}

function induction(task: Task): string {
  const pairs = shownPairs(task).flatMap(({ input, output }, i) => [
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
      'files, network, printing or outside state\n- Imports and classes come first, and the last ' +
      'statement is the return of `f`',
    `### Pairs\n${pairs.join('\n')}`,
    `### Message\n${fence('message', task.message)}`,
    `### An example of an answer\n${fence('python', 'def f(a):\n    return a')}`,
    'Remember that the entry function has to be called `f`.',
  ].join('\n\n')
}

export function solverTask(task: Task): string {
  return { deduction, abduction, induction }[task.kind](task)
}
