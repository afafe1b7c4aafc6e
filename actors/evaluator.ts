/** Answers items of the held-out suites and adds up their verdicts. */
import { createItemMachine } from './items.ts'
import type { ToEvaluator } from './messages.ts'

export const evaluatorMachine = createItemMachine<ToEvaluator>('evaluator', [
  'item.attempt',
  'suites.score',
])
