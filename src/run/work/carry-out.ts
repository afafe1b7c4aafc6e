/** Carries out the trainer's commands. Each calls update.ts, policy.ts or the gate. */
import type { FromTrainer, ToTrainer } from '../../../actors/messages.ts'
import type { SavePorts } from './checkpoints.ts'
import type { Gate } from './parity.ts'
import { type ExportPorts, exportPolicy, save } from './policy.ts'
import { type StepBatch, type UpdatePorts, update } from './update.ts'

export type TrainerPorts = UpdatePorts & SavePorts & ExportPorts & { gate: Gate }

/** `batch` gives the batch of the current step, for its update. */
export async function carryOut(
  ports: TrainerPorts,
  { command, batch }: { command: ToTrainer; batch: StepBatch['batch'] },
  signal: AbortSignal,
): Promise<FromTrainer> {
  switch (command.type) {
    case 'policy.update':
      await update(ports, { step: command.step, batch })
      return { type: 'policy.updated', step: command.step }
    case 'policy.save':
      await save(ports, command.step)
      return { type: 'policy.saved', step: command.step }
    case 'policy.export': {
      const path = await exportPolicy(ports, command.version)
      return { type: 'policy.exported', version: command.version, path }
    }
    case 'policy.probe':
      return ports.gate(command.version, signal)
  }
}
