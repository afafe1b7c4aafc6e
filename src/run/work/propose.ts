/**
 * The proposer's two units of work: draft a proposal (one completion), and check it (parse, screen,
 * run twice). settle.ts decides which become tasks, when all of their kind are checked.
 */
import type { FromExecutor, FromProposer, ProposeOrder } from '../../../actors/messages.ts'
import { TextUnread } from '../../../domain/errors.ts'
import { taskHash, wordingHash } from '../../../domain/hash.ts'
import { parseKey } from '../../../domain/key.ts'
import { helpersOf } from '../../../domain/kinds/composite.ts'
import type { Kinds } from '../../../domain/kinds/index.ts'
import { type JudgeSandbox, toolsOf } from '../../../domain/kinds/judge.ts'
import type { Draft, ProposalContext, Tools, Validated } from '../../../domain/kinds/kind.ts'
import type { Dialect } from '../../../domain/prompts/dialect.ts'
import { drawParameters } from '../../../domain/prompts/parameters.ts'
import { stream } from '../../../domain/rng.ts'
import type { Task } from '../../../domain/task.ts'
import type { Store } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'
import { type ExecutePorts, executeProgram, taskLimits, toExecution } from './execute.ts'
import { type Room, tooLong } from './room.ts'
import { type SamplePorts, sampleGroup } from './sample.ts'
import type { Stock } from './stock.ts'
import { type Tasks, toTask } from './tasks.ts'

/** A proposal with its verdict, before duplicates within the step are found. */
export type Candidate = {
  order: ProposeOrder
  /** Null if it was refused. */
  task: Task | null
  reason: string | null
  /** The model's text, as far as it could be read. */
  program: string | null
  inputs: string[]
  message: string
}

/** The modules of each sandbox profile, in addition to the standard library. */
const libraries: Record<Config['sandbox']['profile'], string[]> = {
  standard: [],
  numpy: ['numpy'],
  mathematics: ['sympy', 'mpmath'],
}

const mostHelpers = 3

/** A keyed draw: for the configured share of proposals, one to three of their references. */
function helpersFor(config: Config, id: string, references: readonly Task[]): string[] {
  const rng = stream(config.seed, 'composite', id)
  if (rng.next() >= config.propose.composite || references.length <= mostHelpers) return []
  return helpersOf(references.slice(0, 1 + rng.int(mostHelpers)))
}

/** A keyed draw for the configured share of proposals. */
function parametersFor({ seed, propose }: Config, id: string): string | null {
  const rng = stream(seed, 'parameters', id)
  return rng.next() < propose.parameters ? drawParameters(rng) : null
}

export function contextOf(
  config: Config,
  tasks: Pick<Tasks, 'of'>,
  order: ProposeOrder,
): ProposalContext {
  const references = order.references.map(tasks.of)
  return {
    references,
    helpers: helpersFor(config, order.id, references),
    parameters: parametersFor(config, order.id),
    program: order.program === null ? null : tasks.of(order.program),
    inputs: config.propose.inputs,
    extras: config.propose.extras,
    bannedWords: config.task.bannedWords,
    libraries: libraries[config.sandbox.profile],
    timeoutMs: taskLimits(config).timeoutMs,
    memoryMb: config.sandbox.memoryMb,
    maxProgramChars: config.task.maxProgramChars,
    maxOutputChars: config.task.maxOutputChars,
  }
}

/** `context` is the content of its prompt. */
export type Proposing = { order: ProposeOrder; context: ProposalContext }

export type DraftPorts = SamplePorts & { config: Config; dialect: Dialect }

export async function draftProposal(
  ports: DraftPorts,
  { order, context, policyVersion }: Proposing & { policyVersion: number },
  signal: AbortSignal,
): Promise<FromProposer> {
  const { id, kind } = order
  const { temperature, topP, maxTokens } = ports.config.propose
  const prompt = ports.dialect.proposerPrompt(kind, context)
  const end = ports.dialect.proposalEnd(kind, context)
  const stop = ports.dialect.stopsOf('proposer', kind)
  const { keepsStop } = ports.dialect
  const want = { id, role: 'proposer', kind, task: order.program, prompt, policyVersion } as const
  const asked = { ...want, temperature, topP, maxTokens, stop, keepsStop, end }
  await sampleGroup(ports, asked, 1, signal)
  return { type: 'proposal.drafted', order }
}

export type CheckPorts = ExecutePorts & {
  config: Config
  kinds: Kinds
  dialect: Dialect
  sandbox: JudgeSandbox
  room: Room
}

/**
 * The tools that a kind may use on a proposal. Executions become rows, and existing rows are
 * reused.
 */
function recordingTools(ports: CheckPorts, id: string, signal: AbortSignal) {
  const limits = taskLimits(ports.config)
  let [from, isUngraded] = [0, false]
  const tools: Tools = {
    ...toolsOf(ports.sandbox, limits, signal),
    async execute(program, inputs) {
      const run = { rolloutId: id, program, inputs, limits, from }
      from += inputs.length
      const rows = await executeProgram(ports, run, signal)
      isUngraded ||= rows.some(({ outcome }) => outcome === 'ungraded')
      return rows.map(toExecution)
    },
  }
  return { tools, isUngraded: () => isUngraded }
}

type Drafted = Proposing & { draft: Draft }

/** Validates a draft with its kind; `ungraded` if the sandbox itself failed. */
async function validate(
  ports: CheckPorts,
  { order, context, draft }: Drafted,
  signal: AbortSignal,
): Promise<Validated> {
  const rules = ports.config.task
  const { tools, isUngraded } = recordingTools(ports, order.id, signal)
  try {
    const found = await ports.kinds.of(order.kind).validate({ draft, context, rules }, tools)
    return isUngraded() ? { reason: 'ungraded' } : found
  } catch (error) {
    if (error instanceof TextUnread) return { reason: 'ungraded' }
    throw error
  }
}

/** Screens and runs a draft. Returns its candidate. */
export async function checkDraft(
  ports: CheckPorts,
  drafted: Drafted,
  signal: AbortSignal,
): Promise<Candidate> {
  const { order, draft } = drafted
  const { seeding, solve } = ports.config
  const refused = (reason: string): Candidate => ({ order, task: null, reason, ...draft })
  const found = await validate(ports, drafted, signal)
  if ('reason' in found) return refused(found.reason)
  const { id, kind } = order
  const { message } = draft
  const { normalized, pairs, identity } = found
  // Seeds from a file are used unchanged.
  const { purpose, sample } = parseKey(id)
  const isBare = purpose === 'seed' && sample === 0 && seeding.comments === 'remove'
  const program = isBare ? normalized : draft.program
  const hash = taskHash(kind, normalized, identity)
  const task: Task = { id, kind, program, normalized, pairs, message, hash }
  const { maxTokens } = solve
  const prompt = ports.dialect.solverPrompt(task)
  if (!(await ports.room.isEnough({ id, prompt, maxTokens }, signal))) return refused(tooLong)
  return { order, task, reason: null, ...draft, program }
}

/** A candidate whose row exists already. The sandbox is not asked. */
function storedCandidate(store: Pick<Store, 'cached'>, order: ProposeOrder): Candidate | null {
  const row = store.cached('tasks', order.id)
  if (!row) return null
  const { program, pairs, message, reason } = row
  const task = toTask(row)
  const inputs = pairs.map(({ input }) => input)
  return { order, task, reason: task ? null : reason, program, inputs, message }
}

/** The candidate of a proposal. */
export async function checkProposal(
  ports: CheckPorts,
  { order, context }: Proposing,
  signal: AbortSignal,
): Promise<Candidate> {
  const stored = storedCandidate(ports.store, order)
  if (stored) return stored
  const rollout = ports.store.cached('rollouts', order.id)
  if (!rollout) throw new Error(`Cannot check proposal ${order.id} as it was not drafted`)
  const unread = { program: null, inputs: [], message: '' }
  const refused = (reason: string): Candidate => ({ order, task: null, reason, ...unread })
  const isCut = rollout.finish_reason === 'length'
  if (isCut && !ports.dialect.isForgiving) return refused('cut off')
  const draft = ports.dialect.parseProposal(order.kind, rollout.text, context)
  if (!draft.ok) return refused(isCut ? 'cut off' : draft.reason)
  return checkDraft(ports, { order, context, draft: draft.value }, signal)
}

/** The message to the run. A duplicate of the buffer is refused at once, and gets no estimate. */
export function validated(
  { task: { refuseDuplicates } }: Config,
  { stock, tasks }: { stock: Stock; tasks: Tasks },
  { order, task, reason }: Candidate,
): FromExecutor {
  if (!task) return { type: 'task.validated', order, wording: null, reason }
  if (refuseDuplicates && stock.known.has(task.hash)) {
    return { type: 'task.validated', order, wording: null, reason: 'duplicate' }
  }
  const wording = wordingHash(task)
  tasks.add(wording, task)
  return { type: 'task.validated', order, wording, reason: null }
}
