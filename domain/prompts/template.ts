/**
 * How held-out suites in words are asked. `azr` is the frame of self-play; the others are what base
 * and instructed models are usually asked with. Scores under two of them are never compared.
 */
import { frame } from './r1.ts'

export const templates = ['azr', 'boxed', 'chat', 'plain'] as const
export type Template = (typeof templates)[number]

/** Where each comes from, for whoever reads a score. */
export const templateSources: Record<Template, string> = {
  azr: "the frame of self-play (the paper's figure 33)",
  boxed: 'the same with a request for \\boxed{} (azr_boxed of the published evaluation)',
  chat: "the model's own chat template",
  plain: 'the bare question',
}

const boxed = 'Put the final answer inside \\boxed{}.'

/** A question as it is asked; under `chat` the engine frames it with what the tokenizer has. */
export function framedBy(template: Template, tag: string): (question: string) => string {
  switch (template) {
    case 'azr':
      return question => frame(question, tag)
    case 'boxed':
      return question => frame(question, tag, ` ${boxed}`)
    case 'chat':
    case 'plain':
      return question => question
  }
}
