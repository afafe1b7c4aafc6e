/**
 * The form for real language models: a think block, then an answer block with tagged fences. The
 * prompt ends inside the think block.
 */
import type { Form } from './dialect.ts'
import { accept, type Parsed, refuse } from './reading.ts'

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

/** The stop text `</answer>` is cut from a completion; a block that it ended is closed again. */
function close(text: string): string {
  return text.includes('<answer>') && !text.includes('</answer>') ? `${text}</answer>` : text
}

export const r1: Form = {
  name: 'r1',
  stop: ['</answer>', 'User:'],
  frame,
  openProposal: text => answerBlock(close(text)),
  openAnswer: text => answerBlock(close(text)),
  openings: {},
  hasScratch: text => /\S[\s\S]*<\/think>/.test(text),
}
