/**
 * The compact dialect of the embedded model: one line a prompt, markers that are one token each.
 * Its Python side is trainer/azr_micro/examples.py; test/fixtures/micro-dialect.json holds both to
 * the same examples.
 */
import type { Task } from '../task.ts'
import { accept, type Dialect, type Draft, type Parsed, refuse, shownPairs } from './dialect.ts'

const identity = 'def f(a):\n return a'

function parseTriplet(text: string): Parsed<Draft> {
  const parts = text.split('<I>')
  if (parts.length < 2) return refuse('no input marker')
  if (parts.length > 2) return refuse('more than one marker')
  return accept({ program: parts[0] as string, inputs: [parts[1] as string], message: '' })
}

function parseInputs(text: string, wanted: number, program: Task | null): Parsed<Draft> {
  const inputs = text.split(';').slice(0, wanted)
  if (inputs.length < wanted) return refuse('too few inputs')
  return accept({ program: program?.program ?? '', inputs, message: '' })
}

/** `<A>answer`, or `<T>working<A>answer`: exactly one answer marker. */
function parseAnswer(text: string): Parsed<string> {
  const parts = text.split('<A>')
  if (parts.length < 2) return refuse('no answer')
  if (parts.length > 2) return refuse('more than one marker')
  const [before, answer] = parts as [string, string]
  if (before !== '' && !before.startsWith('<T>')) return refuse('more than one marker')
  return accept(answer)
}

function solverPrompt(task: Task): string {
  const [pair] = task.pairs
  switch (task.kind) {
    case 'deduction':
      return `<D>${task.program}<I>${pair?.input}<S>`
    case 'abduction':
      return `<B>${task.program}<R>${pair?.output}<S>`
    case 'induction':
      return `<F>${shownPairs(task)
        .map(({ input, output }) => `${input}<R>${output};`)
        .join('')}<S>`
  }
}

export const micro: Dialect = {
  name: 'micro',
  stop: [],
  frame: question => question,
  zero: {
    deduction: { program: identity, inputs: ['1'], message: '' },
    abduction: { program: identity, inputs: ['1'], message: '' },
    induction: {
      program: identity,
      inputs: ['1', '[2, 3]', '14', '[5]', '0', '[8, 13, 2]', '20', '[7, 7]'],
      message: '',
    },
  },
  proposerPrompt(kind, { references, program }) {
    if (kind === 'induction') return `<PF>${program?.program}<S>`
    const marker = kind === 'deduction' ? '<PD>' : '<PB>'
    return `${marker}${references.map(task => task.program).join('<N>')}<S>`
  },
  solverPrompt,
  parseProposal(kind, text, { inputs, program }) {
    return kind === 'induction' ? parseInputs(text, inputs, program) : parseTriplet(text)
  },
  parseAnswer: (_kind, text) => parseAnswer(text),
  openings: { direct: '<A>', scratch: '<T>' },
  hasScratch: text => text.startsWith('<T>'),
}
