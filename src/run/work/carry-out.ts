/** The trainer's commands: each is one thing that policy.ts or parity.ts does. */
import type { FromTrainer, ToTrainer } from '../../../actors/messages.ts'
import { probe } from './parity.ts'
import { exportPolicy, save, update } from './policy.ts'
import type { Ports } from './ports.ts'

async function act(ports: Ports, command: ToTrainer, signal: AbortSignal): Promise<FromTrainer> {
  switch (command.type) {
    case 'policy.update':
      await update(ports, command.step)
      return { type: 'policy.updated', step: command.step }
    case 'policy.save':
      await save(ports, command.step)
      return { type: 'policy.saved', step: command.step }
    case 'policy.export': {
      const path = await exportPolicy(ports, command.version)
      return { type: 'policy.exported', version: command.version, path }
    }
    case 'policy.probe':
      return probe(ports, command.version, signal)
  }
}

export async function carryOut(
  ports: Ports,
  command: ToTrainer,
  signal: AbortSignal,
): Promise<FromTrainer> {
  const begun = performance.now()
  try {
    return await act(ports, command, signal)
  } finally {
    ports.session.times.learnerMs += performance.now() - begun
  }
}
