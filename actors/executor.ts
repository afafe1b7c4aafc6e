/** Checks drafts by parsing them and running them in the sandbox. Nothing else judges a draft. */
import { createItemMachine } from './items.ts'
import type { ToExecutor } from './messages.ts'

export const executorMachine = createItemMachine<ToExecutor>('executor', [
  'proposal.check',
  'answer.check',
  'item.check',
])
