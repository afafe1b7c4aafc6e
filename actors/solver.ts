/** Drafts answers, for estimates and for training: one sampled completion for each order. */
import { createItemMachine } from './items.ts'
import type { ToSolver } from './messages.ts'

export const solverMachine = createItemMachine<ToSolver>('solver', ['task.solve'])
