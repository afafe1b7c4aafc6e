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
    'Held-out suites that the base and the trained model answer at the end: benchmarks by ' +
      'name, and your own by file, such as ./my/suite.ts (docs/how-to/add-a-benchmark.md), ' +
      "which runs in azr's process.",
  ),
  items: knob(positive.nullable().default(null), 'Items of each suite and kind. null: all.'),
  start: knob(
    z.boolean().default(true),
    'Whether the base is scored on them, too. Set false if its score is known from another ' +
      'run.',
  ),
  modes: knob(
    modes,
    'How suites are answered. greedy: the likeliest token each time. sampled: at ' +
      'evaluate.temperature. direct and scratch: greedy, and forced to answer at once or to ' +
      'begin with the working.',
  ),
  samples: knob(
    answers.default(8),
    'Answers to each item in mode sampled. 8 give mean@8 and pass@8.',
  ),
  temperature: knob(
    z.number().positive().default(1),
    'The temperature of the answers in mode sampled.',
  ),
  data: operate(
    z.string().nullable().default(null),
    'The folder of the benchmarks, `NAME/NAME.jsonl`. null: `data` in the home.',
  ),
  since: knob(date, 'LiveCodeBench: contests from this day on, such as 2024-05-01. null: all.'),
  until: knob(date, 'LiveCodeBench: contests up to this day. null: all.'),
  template: knob(
    z.enum(templates).default('azr'),
    "How questions in natural language are asked. azr: like self-play (the paper's figure " +
      '33). boxed: the same with a request for \\boxed{} (the published azr_boxed). chat: in ' +
      "the model's own template. plain: the bare question.",
  ),
  maxTokens: knob(
    positive.nullable().default(null),
    "The most tokens of an answer. null: the benchmark's own limit, 16,000 for mathematics " +
      'and 8,096 otherwise.',
  ),
  every: knob(positive.default(10), 'Steps between the evaluations of `evaluate.between`.'),
  between: section({
    suites: plug(
      suites,
      'Suites of the curve. They are scored every evaluate.every steps, at step 0 and at the ' +
        'end. A suite that `evaluate.suites` names as well is scored in full at step 0.',
    ),
    items: knob(
      positive.nullable().default(100),
      'The number of items of each suite and kind, from the first. null: all.',
    ),
    modes: knob(modes, 'As `evaluate.modes`.'),
  }),
})
