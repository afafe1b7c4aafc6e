/**
 * The form for base models and small ones: no instructions, only code that goes on. Each prompt
 * begins with a fixed head of examples (code-head.ts), so its keys are shared by all prompts of a
 * kind and role. Working is a comment before the answer, which may be left out. The words of each
 * kind stand with the kinds, their parts in domain/kinds/continued.ts.
 */
import type { Form } from './dialect.ts'
import { accept, strict } from './reading.ts'

/** What begins the next example: no answer goes on there. vLLM takes four stop texts at most. */
export const nextExample = ['\n\n\n', '\ndef ', '\nassert ', '\nprint(']

export const code: Form = {
  name: 'code',
  stop: nextExample,
  keepsStop: false,
  frame: question => question,
  openProposal: accept,
  openAnswer: accept,
  reader: strict,
  isForgiving: false,
  openings: {},
  hasScratch: text => /^\s*#/.test(text),
}
