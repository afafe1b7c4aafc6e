/**
 * The seeding, step 0: the tasks that no model wrote, and which kinds another round proposes. What
 * a round adds is settled like any step's tasks.
 */
import type { ProposeOrder } from '../../../actors/messages.ts'
import { type Buffers, bufferOf, kindsToFill, kindsToSeed } from '../../../domain/curriculum.ts'
import { AzrError } from '../../../domain/errors.ts'
import { formatKey } from '../../../domain/key.ts'
import type { Kinds } from '../../../domain/kinds/index.ts'
import type { Kind } from '../../../domain/task.ts'
import type { Config } from '../../config/config.ts'
import { type Candidate, type CheckPorts, checkDraft, contextOf } from './propose.ts'
import { insertSettled, judgeProposals } from './settle.ts'
import type { Tasks } from './tasks.ts'

/** The zero task of each kind; what only answers suites needs no tasks. */
export async function insertZeroTasks(ports: CheckPorts, tasks: Tasks): Promise<Buffers> {
  const { config, dialect, kinds } = ports
  const accepted: Buffers = {}
  if (config.seeding.size === 0) return accepted
  const signal = AbortSignal.timeout(config.deadlines.itemSeconds * 1000)
  for (const kind of kindsToFill(kinds)) {
    const id = formatKey({ step: 0, purpose: 'seed', kind, index: 0, sample: 0 })
    const order: ProposeOrder = { id, attempt: 0, kind, references: [], program: null }
    const { original, ...draft } = dialect.zeroTask(kind)
    const program = original === undefined ? null : { program: original, pairs: [] }
    const context = { ...contextOf(config, tasks, order), program }
    const candidate = await checkDraft(ports, { order, context, draft }, signal)
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
export function planSeeding(
  { config, kinds }: { config: Config; kinds: Kinds },
  { round, buffers, candidates }: Rounds,
): Kind[] {
  const { size, minimum } = config.seeding
  const open = kindsToSeed(kinds, config.seeding, round, buffers)
  if (open.length > 0) return open
  // The zero task is there without the model's doing.
  const written = (kind: Kind) => Math.max(0, bufferOf(buffers, kind).length - 1)
  const short = kindsToFill(kinds).filter(kind => written(kind) < Math.min(minimum, size))
  if (short.length > 0) throw refuseToBegin(config, short, candidates)
  return []
}
