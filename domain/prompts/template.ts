/**
 * How held-out suites in natural language are asked. `azr` is the frame of self-play. The others
 * are the usual frames of base and instructed models. Scores under different templates are never
 * compared.
 */
import { frame } from './r1.ts'

export const templates = ['azr', 'boxed', 'chat', 'plain'] as const
export type Template = (typeof templates)[number]

/** The source of each template, for readers of a score. */
export const templateSources: Record<Template, string> = {
  azr: "the frame of self-play (the paper's figure 33)",
  boxed: 'the same with a request for \\boxed{} (azr_boxed of the published evaluation)',
  chat: "the model's own chat template",
  plain: 'the bare question',
}

const boxed = 'Put the final answer inside \\boxed{}.'

/** Frames a question. Under `chat` the engine frames it with the tokenizer's template. */
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
