/**
 * The seeding, step 0: the tasks that no model wrote, and which kinds another round proposes. What
 * a round adds is settled like any step's tasks.
 */
import type { ProposeOrder } from '../../../actors/messages.ts'
import { type Buffers, kindsToFill, kindsToSeed } from '../../../domain/curriculum.ts'
import { AzrError } from '../../../domain/errors.ts'
import { formatKey } from '../../../domain/key.ts'
import type { Kind } from '../../../domain/task.ts'
import type { Config } from '../../config/config.ts'
import { type Candidate, type CheckPorts, checkDraft } from './propose.ts'
import { insertSettled, judgeProposals } from './settle.ts'
import { perKind } from './stock.ts'
import type { Tasks } from './tasks.ts'

/** The identity, with an input for each kind; what only answers suites needs no tasks. */
export async function insertZeroTasks(ports: CheckPorts, tasks: Tasks): Promise<Buffers> {
  const { config, dialect } = ports
  const accepted = perKind()
  if (config.seeding.size === 0) return accepted
  const signal = AbortSignal.timeout(config.deadlines.itemSeconds * 1000)
  for (const kind of kindsToFill(config)) {
    const id = formatKey({ step: 0, purpose: 'seed', kind, index: 0, sample: 0 })
    const order: ProposeOrder = { id, attempt: 0, kind, references: [], program: null }
    const candidate = await checkDraft(ports, order, dialect.zero[kind], signal)
    if (!candidate.task) throw new AzrError(`Cannot seed ${kind}: ${candidate.reason}`)
    const settlements = judgeProposals(config, new Set(), [candidate])
    accepted[kind] = await insertSettled(ports, tasks, settlements)
  }
  return accepted
}

/** Why proposals of this kind were mostly refused; null where none was. */
function commonestRefusal(kind: Kind, candidates: readonly Candidate[]): string | null {
  const refused = candidates.filter(({ order, task }) => order.kind === kind && task === null)
  const byReason = [...Map.groupBy(refused, ({ reason }) => reason ?? 'no reason')]
  const [most] = byReason.toSorted(([, a], [, b]) => b.length - a.length)
  return most ? `refused ${most[1].length} times: ${most[0]}` : null
}

function refuseToBegin({ seeding }: Config, short: Kind[], candidates: readonly Candidate[]) {
  const kinds = short.map(kind => {
    const why = commonestRefusal(kind, candidates)
    return why ? `${kind} (${why})` : kind
  })
  return new AzrError(
    `Cannot begin self-play as the model gave fewer than ${seeding.minimum} valid tasks of ` +
      `${kinds.join(' and ')} in ${seeding.rounds} rounds of seeding: use a stronger model, or ` +
      'lower seeding.minimum',
  )
}

/** `candidates`: all that the rounds before proposed. */
type Rounds = { round: number; buffers: Buffers; candidates: readonly Candidate[] }

/** Kinds that a round of the seeding still proposes; none when it is over. */
export function planSeeding(config: Config, { round, buffers, candidates }: Rounds): Kind[] {
  const { size, minimum } = config.seeding
  const open = kindsToSeed(config, round, buffers)
  if (open.length > 0) return open
  // The zero task is there without the model's doing.
  const written = (kind: Kind) => Math.max(0, buffers[kind].length - 1)
  const short = kindsToFill(config).filter(kind => written(kind) < Math.min(minimum, size))
  if (short.length > 0) throw refuseToBegin(config, short, candidates)
  return []
}
