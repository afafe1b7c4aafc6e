/** Drafts proposals: one sampled completion for each order. */
import { createItemMachine } from './items.ts'
import type { ToProposer } from './messages.ts'

export const proposerMachine = createItemMachine<ToProposer>('proposer', ['task.propose'])
