/**
 * The compact form of the embedded model: one line per prompt, with markers of one token each. Its
 * Python side is trainer/azr_micro/examples.py. test/fixtures/micro-dialect.json tests both with
 * the same examples.
 */
import type { Form } from './dialect.ts'
import { accept, type Parsed, refuse, strict } from './reading.ts'

/** `<A>answer`, or `<T>working<A>answer`: exactly one answer marker. */
function openAnswer(text: string): Parsed<string> {
  const parts = text.split('<A>')
  if (parts.length < 2) return refuse('no answer')
  if (parts.length > 2) return refuse('more than one marker')
  const [before, answer] = parts as [string, string]
  if (before !== '' && !before.startsWith('<T>')) return refuse('more than one marker')
  return accept(answer)
}

export const micro: Form = {
  name: 'micro',
  stop: [],
  keepsStop: false,
  frame: question => question,
  openProposal: accept,
  openAnswer,
  reader: strict,
  isForgiving: false,
  openings: { direct: '<A>', scratch: '<T>' },
  hasScratch: text => text.startsWith('<T>'),
  marks: { statement: 73, answer: 13 },
}
