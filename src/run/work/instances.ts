/**
 * One program, many tasks: the pairs of a kind that gives them (induction) become tasks of the kinds
 * that take them (deduction and abduction). Their outputs are known already, so nothing is sampled and nothing runs. Off unless
 * `propose.instances` asks for some.
 */
import type { ProposeOrder } from '../../../actors/messages.ts'
import { type Buffers, bufferOf } from '../../../domain/curriculum.ts'
import { taskHash } from '../../../domain/hash.ts'
import { executionKey, formatKey, parseKey } from '../../../domain/key.ts'
import type { Kinds } from '../../../domain/kinds/index.ts'
import type { Dialect } from '../../../domain/prompts/dialect.ts'
import { stream } from '../../../domain/rng.ts'
import type { Kind, Task } from '../../../domain/task.ts'
import type { Store } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'
import type { Planned } from './plan.ts'
import type { Candidate } from './propose.ts'
import type { Room } from './room.ts'
import { insertSettled, type SettledKinds, type Settlement } from './settle.ts'

export type InstancePorts = {
  config: Config
  kinds: Kinds
  dialect: Pick<Dialect, 'solverPrompt'>
  store: Pick<Store, 'memo' | 'cached'>
  room: Pick<Room, 'isSurelyEnough'>
}

/** The task that pair `at` of a task makes; null where its prompt may be too long. */
function instanceOf(
  { config, dialect, store, room }: InstancePorts,
  source: Task,
  kind: Kind,
  at: number,
  sample: number,
): (Candidate & { task: Task }) | null {
  const pair = source.pairs[at]
  const run = store.cached('executions', executionKey(source.id, at))
  if (!pair || !run) return null
  const { step, index } = parseKey(source.id)
  // After the ids of the step's own proposals, and in the order of their sources.
  const own = config.propose.batch + Number(index)
  const id = formatKey({ step, purpose: 'propose', kind, index: own, sample })
  const { program, normalized } = source
  const hash = taskHash(kind, normalized, [run.input_canonical ?? pair.input])
  const task: Task = { id, kind, program, normalized, pairs: [pair], message: '', hash }
  const { maxTokens } = config.solve
  const prompt = dialect.solverPrompt(task)
  if (!room.isSurelyEnough({ id, prompt, maxTokens })) return null
  const order: ProposeOrder = { id, attempt: 0, kind, references: [], program: source.hash }
  return { order, task, reason: null, program, inputs: [pair.input], message: '' }
}

function instancesOf(ports: InstancePorts, kind: Kind, sources: readonly Task[]) {
  const { config } = ports
  return sources.flatMap(source => {
    const rng = stream(config.seed, 'instances', source.id, kind)
    const chosen = rng.sample([...source.pairs.keys()], config.propose.instances)
    return chosen.flatMap((at, sample) => instanceOf(ports, source, kind, at, sample) ?? [])
  })
}

/** Hashes that join the buffers, where the next steps find them; what is known is left out. */
export async function addInstances(
  ports: InstancePorts,
  { stock, tasks }: Pick<Planned, 'stock' | 'tasks'>,
  settled: SettledKinds,
): Promise<Buffers> {
  const { config, kinds } = ports
  const added: Buffers = {}
  if (config.propose.instances === 0) return added
  const acceptedOf = (kind: Kind) => settled.get(kind)?.accepted ?? []
  const givers = kinds.all.filter(({ instances }) => instances === 'given')
  const sources = givers.flatMap(({ name }) => acceptedOf(name)).map(tasks.of)
  for (const { name: kind, instances } of kinds.all) {
    if (instances !== 'taken' || !kinds.played.includes(kind)) continue
    const known = new Set([...bufferOf(stock.buffers, kind), ...acceptedOf(kind)])
    const settlements: Settlement[] = []
    for (const candidate of instancesOf(ports, kind, sources)) {
      const { hash } = candidate.task
      if (known.has(hash)) continue
      known.add(hash)
      settlements.push({ candidate, verdict: 'accepted', reason: null })
    }
    added[kind] = await insertSettled(ports, tasks, settlements)
  }
  return added
}
