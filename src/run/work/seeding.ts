/**
 * The seeding, step 0: inserts hand-written tasks, and decides which kinds another round proposes.
 * Tasks of a round are settled like those of any step.
 */

import type { ProposeOrder } from '../../../actors/messages.ts'
import { type Buffers, bufferOf, kindsToFill, kindsToSeed } from '../../../domain/curriculum.ts'
import { AzrError } from '../../../domain/errors.ts'
import { formatKey } from '../../../domain/key.ts'
import type { Kinds } from '../../../domain/kinds/index.ts'
import type { Draft } from '../../../domain/kinds/kind.ts'
import { countReasons } from '../../../domain/reasons.ts'
import type { Kind } from '../../../domain/task.ts'
import type { Config } from '../../config/config.ts'
import { type Candidate, type CheckPorts, checkDraft, contextOf } from './propose.ts'
import { insertSettled, judgeProposals } from './settle.ts'
import type { Tasks } from './tasks.ts'

/** A seed from a file: a draft of a kind. */
export type Seed = Draft & { kind: Kind }

export type SeedPorts = CheckPorts & {
  /** The seeds of `seeding.from`, in order. */
  seeds: () => Promise<Seed[]>
}

/** Inserts the zero tasks and the seeds from a file, before the first round. */
export async function insertFirstTasks(ports: SeedPorts, tasks: Tasks): Promise<Buffers> {
  if (ports.config.seeding.size === 0) return {}
  const accepted = await insertZeroTasks(ports, tasks)
  const seeds = await ports.seeds()
  const signal = new AbortController().signal
  const known = new Set(Object.values(accepted).flat())
  for (const kind of kindsToFill(ports.kinds)) {
    const mine = seeds.filter(seed => seed.kind === kind)
    const candidates = await Promise.all(
      mine.map((seed, i) => checkSeed(ports, seed, { tasks, index: i + 1 }, signal)),
    )
    const settlements = judgeProposals(ports.config, known, candidates)
    const added = await insertSettled(ports, tasks, settlements)
    accepted[kind] = bufferOf(accepted, kind).concat(added)
  }
  return accepted
}

/** Checks a seed of a file. Its id has sample 1, because sample 0 is for the model's own seeds. */
export function checkSeed(
  ports: CheckPorts,
  { kind, program, inputs, message }: Seed,
  { tasks, index }: { tasks: Pick<Tasks, 'of'>; index: number },
  signal: AbortSignal,
): Promise<Candidate> {
  const id = formatKey({ step: 0, purpose: 'seed', kind, index, sample: 1 })
  const order: ProposeOrder = { id, attempt: 0, kind, references: [], program: null }
  const context = { ...contextOf(ports.config, tasks, order), program: { program, pairs: [] } }
  return checkDraft(ports, { order, context, draft: { program, inputs, message } }, signal)
}

/** Inserts the zero task of each kind. A run that only answers suites needs no tasks. */
async function insertZeroTasks(ports: CheckPorts, tasks: Tasks): Promise<Buffers> {
  const { config, dialect, kinds } = ports
  const accepted: Buffers = {}
  const signal = AbortSignal.timeout(config.deadlines.itemSeconds * 1000)
  for (const kind of kindsToFill(kinds)) {
    const id = formatKey({ step: 0, purpose: 'seed', kind, index: 0, sample: 0 })
    const order: ProposeOrder = { id, attempt: 0, kind, references: [], program: null }
    const { original, ...draft } = dialect.zeroTask(kind)
    const program = original === undefined ? null : { program: original, pairs: [] }
    const context = { ...contextOf(config, tasks, order), program }
    const candidate = await checkDraft(ports, { order, context, draft }, signal)
    if (!candidate.task)
      throw new AzrError('seeding-failed', `Cannot seed ${kind}: ${candidate.reason}`)
    const settlements = judgeProposals(config, new Set(), [candidate])
    accepted[kind] = await insertSettled(ports, tasks, settlements)
  }
  return accepted
}

/** The most common reason why proposals of this kind were refused; null if none was. */
function commonestRefusal(kind: Kind, candidates: readonly Candidate[]): string | null {
  const refused = candidates.filter(({ order, task }) => order.kind === kind && task === null)
  const [most] = countReasons(refused.map(({ reason }) => reason ?? 'no reason'))
  return most ? `refused ${most.count} times: ${most.reason}` : null
}

function refuseToBegin({ seeding }: Config, short: Kind[], candidates: readonly Candidate[]) {
  const kinds = short.map(kind => {
    const why = commonestRefusal(kind, candidates)
    return why ? `${kind} (${why})` : kind
  })
  return new AzrError(
    'seeding-failed',
    `Cannot begin self-play as the model wrote fewer than ${seeding.minimum} valid tasks of ` +
      `${kinds.join(' and ')} in ${seeding.rounds} rounds of seeding: use a stronger model, or ` +
      'lower seeding.minimum',
  )
}

/** `candidates` are all proposals of earlier rounds. */
type Rounds = { round: number; buffers: Buffers; candidates: readonly Candidate[] }

/** Kinds that a round of the seeding still proposes. Without any the seeding is over. */
export function planSeeding(
  { config, kinds }: { config: Config; kinds: Kinds },
  { round, buffers, candidates }: Rounds,
): Kind[] {
  const { size, minimum } = config.seeding
  const open = kindsToSeed(kinds, config.seeding, round, buffers)
  if (open.length > 0) return open
  // The zero task does not count as the model's.
  const written = (kind: Kind) => Math.max(0, bufferOf(buffers, kind).length - 1)
  const short = kindsToFill(kinds).filter(kind => written(kind) < Math.min(minimum, size))
  if (short.length > 0) throw refuseToBegin(config, short, candidates)
  return []
}
