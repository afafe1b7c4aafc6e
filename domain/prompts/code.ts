/**
 * The form for base models and small ones: no instructions, only code to continue. Each prompt
 * begins with fixed examples (code-head.ts), so all prompts of a kind and role share their cached
 * keys. Working is an optional comment before the answer. The prompts of each kind are with the
 * kinds, their common parts in domain/kinds/continued.ts.
 */
import type { Form } from './dialect.ts'
import { accept, strict } from './reading.ts'

/** Texts that begin the next example, so that the answer ends. vLLM allows four stop texts. */
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
