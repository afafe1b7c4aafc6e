/**
 * One program, many tasks: pairs of the step's induction tasks become deduction and abduction tasks
 * of their own. Their outputs are known already, so nothing is sampled and nothing runs. Off unless
 * `propose.instances` asks for some.
 */
import type { ProposeOrder } from '../../../actors/messages.ts'
import { taskHash } from '../../../domain/hash.ts'
import { executionKey, formatKey, parseKey } from '../../../domain/key.ts'
import { stream } from '../../../domain/rng.ts'
import type { Kind, Task } from '../../../domain/task.ts'
import type { Candidate, Ports } from './ports.ts'
import { insertSettled, type Settlement } from './settle.ts'

/** The task that pair `at` of an induction task makes; null where its prompt would be too long. */
function instanceOf(
  ports: Ports,
  source: Task,
  kind: Kind,
  at: number,
  sample: number,
): Candidate | null {
  const { config, dialect, store } = ports
  const pair = source.pairs[at]
  const run = store.cached('executions', executionKey(source.id, at))
  if (!pair || !run) return null
  const { step, index } = parseKey(source.id)
  // After the ids of the step's own proposals, and in the order of the induction tasks.
  const own = config.propose.batch + Number(index)
  const id = formatKey({ step, purpose: 'propose', kind, index: own, sample })
  const { program, normalized } = source
  const hash = taskHash(kind, normalized, [run.input_canonical ?? pair.input])
  const task: Task = { id, kind, program, normalized, pairs: [pair], message: '', hash }
  if (dialect.solverPrompt(task).length > config.task.maxPromptChars) return null
  const order: ProposeOrder = { id, attempt: 0, kind, references: [], program: source.hash }
  return { order, task, reason: null, program, inputs: [pair.input], message: '' }
}

function instancesOf(ports: Ports, kind: Kind): Candidate[] {
  const { config, session } = ports
  const sources = session.accepted.induction.flatMap(hash => session.tasks.get(hash) ?? [])
  return sources.flatMap(source => {
    const rng = stream(config.seed, 'instances', source.id, kind)
    const chosen = rng.sample([...source.pairs.keys()], config.propose.instances)
    return chosen.flatMap((at, sample) => instanceOf(ports, source, kind, at, sample) ?? [])
  })
}

/** Adds them to the buffers, where the next steps find them; what is known already is left out. */
export async function addInstances(ports: Ports): Promise<void> {
  const { config, session } = ports
  if (config.propose.instances === 0) return
  for (const kind of ['deduction', 'abduction'] as const) {
    if (!config.kinds.includes(kind)) continue
    const known = new Set([...session.buffers[kind], ...session.accepted[kind]])
    const settlements: Settlement[] = []
    for (const candidate of instancesOf(ports, kind)) {
      const hash = candidate.task?.hash as string
      if (known.has(hash)) continue
      known.add(hash)
      settlements.push({ candidate, verdict: 'accepted', reason: null })
    }
    await insertSettled(ports, kind, settlements)
  }
}
