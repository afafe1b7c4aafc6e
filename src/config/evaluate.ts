/** How held-out suites are scored; the rest of the config is in config.ts. */
import { z } from 'zod'
import { evaluationModes } from '../../domain/task.ts'
import { answers, knob, operate, plug, positive, section } from './knob.ts'

const suites = z.array(z.string()).default([])
const modes = z.array(z.enum(evaluationModes)).min(1).default(['greedy'])

const date = z.iso.date().nullable().default(null)

export const evaluate = section({
  suites: plug(
    suites,
    'Held-out suites that are scored at step 0 and at the end: benchmarks by name, and your own by ' +
      'their file, ./my/suite.ts, which runs in our process (docs/how-to/add-a-benchmark.md).',
  ),
  items: knob(positive.nullable().default(null), 'Items of each suite and kind; null: all.'),
  start: knob(
    z.boolean().default(true),
    'Score them at step 0 too; false where the base is known from another run.',
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
  maxTokens: knob(positive.default(8096), 'Length of an answer.'),
  every: knob(positive.default(10), 'Steps between the evaluations of `evaluate.between`.'),
  between: section({
    suites: plug(suites, 'Scored every so many steps, at step 0 and at the end: the curve.'),
    items: knob(positive.nullable().default(100), 'The first items of each suite and kind.'),
    modes: knob(modes, 'As `evaluate.modes`.'),
  }),
})
