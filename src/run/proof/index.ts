/**
 * `azr doctor --gpu PRESET`: tries what a preset needs on this machine with the real engine,
 * learner and parity gate, in about ten minutes. On a CPU it leaves out what needs CUDA. It stores
 * nothing.
 */
import type { Finding } from '../../config/card-findings.ts'
import { adapterChecks, deathCheck, probeCheck, sleepCheck, weightsCheck } from './loads.ts'
import { type Check, carryOut, type Row } from './rows.ts'
import { fullScoreCheck, parityCheck, selfCheck } from './scores.ts'
import { speedChecks } from './speed.ts'
import { createStage, type StageOptions } from './stage.ts'
import { engineCheck, environmentsCheck, learnerCheck, machineCheck } from './start.ts'

export type ProofOptions = StageOptions & {
  findings: readonly Finding[]
  onBegin: (name: string) => void
  onRow: (row: Row) => void
}

/** The order is that in which the first hours of a run meet the checks. */
export async function prove(options: ProofOptions): Promise<Row[]> {
  const stage = createStage(options)
  const checks: Check[] = [
    machineCheck(options.findings),
    environmentsCheck(stage),
    engineCheck(stage),
    learnerCheck(stage),
    parityCheck(stage),
    selfCheck(stage),
    fullScoreCheck(stage),
    sleepCheck(stage),
    probeCheck(stage),
    ...adapterChecks(stage),
    weightsCheck(stage),
    deathCheck(stage),
    ...speedChecks(stage),
  ]
  try {
    return await carryOut(checks, options)
  } finally {
    await stage.stop()
  }
}
