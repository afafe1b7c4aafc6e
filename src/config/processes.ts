/** The processes of a run, by name. */
import { type ProcessNames, processTree } from '../../lib/processes.ts'

const names: ProcessNames = [
  [/azr_engine|vllm/, 'engine'],
  [/azr_trainer/, 'learner'],
  [/azr_sandbox|sandbox/, 'sandbox'],
  [/cli\/main\.ts/, 'azr'],
]

export const runProcesses = (root: number) => processTree(root, names)
