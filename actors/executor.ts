/** Checks what was drafted by parsing and running it in the sandbox: it is the only judge. */
import { createItemMachine } from './items.ts'
import type { ToExecutor } from './messages.ts'

export const executorMachine = createItemMachine<ToExecutor>('executor', [
  'proposal.check',
  'answer.check',
  'item.check',
])
