/** Knobs of held-out scoring: a part of config.ts. */
import { z } from 'zod'
import { templates } from '../../domain/prompts/template.ts'
import { evaluationModes } from '../../domain/task.ts'
import { answers, knob, operate, plug, positive, section } from './knob.ts'

const suites = z.array(z.string()).default([])
const modes = z.array(z.enum(evaluationModes)).min(1).default(['greedy'])

const date = z.iso.date().nullable().default(null)

export const evaluate = section({
  suites: plug(
    suites,
    'Held-out suites that the base and the trained model answer at the end: benchmarks by name, and ' +
      'your own by their file, ./my/suite.ts, which runs in our process (docs/how-to/add-a-benchmark.md).',
  ),
  items: knob(positive.nullable().default(null), 'Items of each suite and kind; null: all.'),
  start: knob(
    z.boolean().default(true),
    'Score the base on them too; false where it is known from another run.',
  ),
  modes: knob(
    modes,
    'Greedy answers, answers sampled at T = 1, or greedy ones forced to begin at once (direct) or ' +
      'with their working (scratch).',
  ),
  samples: knob(answers.default(8), 'Answers to each item when sampled: mean@8 and pass@8 with 8.'),
  temperature: knob(z.number().positive().default(1), 'Of the answers in mode sampled.'),
  data: operate(
    z.string().nullable().default(null),
    'Folder of the benchmarks, `NAME/NAME.jsonl`; null: `data` in the home.',
  ),
  since: knob(date, 'LiveCodeBench: contests from this day on, as 2024-05-01; null: all.'),
  until: knob(date, 'LiveCodeBench: contests up to this day.'),
  template: knob(
    z.enum(templates).default('azr'),
    "How suites in words are asked: azr, as self-play asks (the paper's figure 33); boxed, the same with " +
      "a request for \\boxed{} (the published azr_boxed); chat, the model's own; plain, the bare question.",
  ),
  maxTokens: knob(
    positive.nullable().default(null),
    "Length of an answer; null: the benchmark's, as published: 16,000 for mathematics, else 8,096.",
  ),
  every: knob(positive.default(10), 'Steps between the evaluations of `evaluate.between`.'),
  between: section({
    suites: plug(
      suites,
      'Scored every so many steps, at step 0 and at the end: the curve. A suite that `evaluate.suites` ' +
        'names as well is scored in full at step 0.',
    ),
    items: knob(positive.nullable().default(100), 'The first items of each suite and kind.'),
    modes: knob(modes, 'As `evaluate.modes`.'),
  }),
})
