/** Lists the machines that the run starts, with the names that the trace and the page use. */
import { engineMachine } from './engine.ts'
import { evaluatorMachine } from './evaluator.ts'
import { executorMachine } from './executor.ts'
import { proposerMachine } from './proposer.ts'
import { solverMachine } from './solver.ts'
import { trainerMachine } from './trainer.ts'

export const children = {
  proposer: proposerMachine,
  solver: solverMachine,
  executor: executorMachine,
  evaluator: evaluatorMachine,
  trainer: trainerMachine,
  engine: engineMachine,
}
