/**
 * Makes many tasks from one program: the pairs of a kind that gives them (induction) become tasks
 * of the kinds that take them (deduction and abduction). The outputs are known, so nothing is
 * sampled or run. Off unless `propose.instances` is set.
 */
import type { ProposeOrder } from '../../../actors/messages.ts'
import { type Buffers, bufferOf } from '../../../domain/curriculum.ts'
import { taskHash } from '../../../domain/hash.ts'
import { executionKey, formatKey, parseKey } from '../../../domain/key.ts'
import type { Kinds } from '../../../domain/kinds/index.ts'
import type { Dialect } from '../../../domain/prompts/dialect.ts'
import { stream } from '../../../domain/rng.ts'
import type { Kind, Purpose, Task } from '../../../domain/task.ts'
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

/** Pair `at` of a task, as a task of another kind. */
type Instance = { source: Task; kind: Kind; at: number; sample: number; purpose: Purpose }

/** Null if its prompt may be too long. */
function instanceOf(
  { config, dialect, store, room }: InstancePorts,
  { source, kind, at, sample, purpose }: Instance,
): (Candidate & { task: Task }) | null {
  const pair = source.pairs[at]
  const run = store.cached('executions', executionKey(source.id, at))
  if (!pair || !run) return null
  const { step, index } = parseKey(source.id)
  // After the ids of the step's own proposals, in the order of their sources.
  const own = purpose === 'seed' ? Number(index) : config.propose.batch + Number(index)
  const id = formatKey({ step, purpose, kind, index: own, sample })
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
    return chosen.flatMap(
      (at, sample) => instanceOf(ports, { source, kind, at, sample, purpose: 'propose' }) ?? [],
    )
  })
}

type Added = { step: Pick<Planned, 'stock' | 'tasks'>; kind: Kind; accepted: readonly string[] }

/** Inserts the new ones of a kind. Returns their hashes, which join its buffer. */
async function insertNew(
  ports: InstancePorts,
  { step: { stock, tasks }, kind, accepted }: Added,
  candidates: readonly (Candidate & { task: Task })[],
): Promise<string[]> {
  const known = new Set([...bufferOf(stock.buffers, kind), ...accepted])
  const settlements: Settlement[] = []
  for (const candidate of candidates) {
    const { hash } = candidate.task
    if (known.has(hash)) continue
    known.add(hash)
    settlements.push({ candidate, verdict: 'accepted', reason: null })
  }
  return insertSettled(ports, tasks, settlements)
}

/** Copies the seeds of a round to the other kinds that are proposed from references. */
export async function shareSeeds(
  ports: InstancePorts,
  step: Pick<Planned, 'stock' | 'tasks'>,
  settled: SettledKinds,
): Promise<Buffers> {
  const added: Buffers = {}
  if (!ports.config.seeding.shared) return added
  const takers = ports.kinds.all.filter(({ instances }) => instances === 'taken')
  for (const { name: kind } of takers) {
    const others = takers.filter(({ name }) => name !== kind && settled.has(name))
    const sources = others.flatMap(({ name }) => settled.get(name)?.accepted ?? [])
    const candidates = sources.flatMap(hash => {
      const source = step.tasks.of(hash)
      return instanceOf(ports, { source, kind, at: 0, sample: 2, purpose: 'seed' }) ?? []
    })
    const accepted = settled.get(kind)?.accepted ?? []
    added[kind] = await insertNew(ports, { step, kind, accepted }, candidates)
  }
  return added
}

/** Hashes that join the buffers for the next steps, without duplicates. */
export async function addInstances(
  ports: InstancePorts,
  step: Pick<Planned, 'stock' | 'tasks'>,
  settled: SettledKinds,
): Promise<Buffers> {
  const { config, kinds } = ports
  const added: Buffers = {}
  if (config.propose.instances === 0) return added
  const acceptedOf = (kind: Kind) => settled.get(kind)?.accepted ?? []
  const givers = kinds.all.filter(({ instances }) => instances === 'given')
  const sources = givers.flatMap(({ name }) => acceptedOf(name)).map(step.tasks.of)
  for (const { name: kind, instances } of kinds.all) {
    if (instances !== 'taken' || !kinds.played.includes(kind)) continue
    const candidates = instancesOf(ports, kind, sources)
    added[kind] = await insertNew(ports, { step, kind, accepted: acceptedOf(kind) }, candidates)
  }
  return added
}
