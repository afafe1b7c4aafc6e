/**
 * The proposer's two units: draft a proposal (one completion), and check it (parse, screen, run
 * twice). Whether it becomes a task is decided when all of its kind are checked: settle.ts.
 */
import type { FromExecutor, FromProposer, ProposeOrder } from '../../../actors/messages.ts'
import { TextUnread } from '../../../domain/errors.ts'
import type { Sandbox } from '../../../domain/execution.ts'
import { taskHash, wordingHash } from '../../../domain/hash.ts'
import type { Dialect, Draft, ProposalContext } from '../../../domain/prompts/dialect.ts'
import type { Pair, ProgramFacts, Task } from '../../../domain/task.ts'
import { refuseMessage, refuseProgram, refuseRuns } from '../../../domain/validate.ts'
import type { ExecutionRow, Store } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'
import { type ExecutePorts, executeProgram, limitsOf } from './execute.ts'
import { type SamplePorts, sampleRollout } from './sample.ts'
import type { Stock } from './stock.ts'
import { type Tasks, toTask } from './tasks.ts'

/** A proposal with its verdict, before duplicates within the step are decided. */
export type Candidate = {
  order: ProposeOrder
  /** Null where it was refused. */
  task: Task | null
  reason: string | null
  /** What the model wrote, as far as it could be read. */
  program: string | null
  inputs: string[]
  message: string
}

export function contextOf(config: Config, tasks: Tasks, order: ProposeOrder): ProposalContext {
  return {
    references: order.references.map(tasks.of),
    program: order.program === null ? null : tasks.of(order.program),
    inputs: config.propose.inputs,
    bannedWords: config.task.bannedWords,
    timeoutMs: config.sandbox.timeoutMs / 2,
    maxOutputChars: config.task.maxOutputChars,
  }
}

/** `context`: what stands in its prompt. */
export type Proposing = { order: ProposeOrder; context: ProposalContext }

export type DraftPorts = SamplePorts<'complete'> & { config: Config; dialect: Dialect }

export async function draftProposal(
  ports: DraftPorts,
  { order, context, policyVersion }: Proposing & { policyVersion: number },
  signal: AbortSignal,
): Promise<FromProposer> {
  const { id, kind } = order
  const { temperature, topP, maxTokens } = ports.config.propose
  const prompt = ports.dialect.proposerPrompt(kind, context)
  const want = { id, role: 'proposer', kind, task: order.program, prompt, policyVersion } as const
  await sampleRollout(ports, { ...want, temperature, topP, maxTokens }, signal)
  return { type: 'proposal.drafted', order }
}

function pairsOf(rows: ExecutionRow[]): Pair[] {
  return rows.map(({ input, output, canonical }) => {
    return { input, output: output ?? '', canonical: canonical ?? '' }
  })
}

export type CheckPorts = ExecutePorts & {
  config: Config
  dialect: Dialect
  sandbox: Pick<Sandbox, 'inspect'>
}

/** Screens and runs what was drafted; gives its candidate. */
export async function checkDraft(
  ports: CheckPorts,
  order: ProposeOrder,
  draft: Draft,
  signal: AbortSignal,
): Promise<Candidate> {
  const { config, sandbox } = ports
  const refused = (reason: string): Candidate => ({ order, task: null, reason, ...draft })
  const seen = await sandbox.inspect(draft.program, signal).catch(error => {
    if (error instanceof TextUnread) return null
    throw error
  })
  if (!seen) return refused('ungraded')
  if (!seen.ok) return refused(seen.error)
  const facts: ProgramFacts = seen.facts
  const before =
    refuseProgram(draft.program, facts, config.task) ?? refuseMessage(draft.message, draft.program)
  if (before !== null) return refused(before)
  const run = { rolloutId: order.id, program: draft.program, inputs: draft.inputs }
  const rows = await executeProgram(ports, { ...run, limits: limitsOf(config, 0.5) }, signal)
  if (rows.some(row => row.outcome === 'ungraded')) return refused('ungraded')
  const after = refuseRuns(
    rows.map(({ input_canonical, ...row }) => ({ ...row, inputCanonical: input_canonical })),
    config.task,
  )
  if (after !== null) return refused(after)
  const inputs = rows.map(row => row.input_canonical ?? row.input)
  const { normalized } = facts
  const hash = taskHash(order.kind, normalized, inputs)
  const { program, message } = draft
  const task = {
    id: order.id,
    kind: order.kind,
    program,
    normalized,
    pairs: pairsOf(rows),
    message,
  }
  const promptChars = ports.dialect.solverPrompt({ ...task, hash }).length
  if (promptChars > config.task.maxPromptChars) return refused('prompt too long')
  return { order, task: { ...task, hash }, reason: null, ...draft }
}

/** A candidate whose row is in the store already: nothing is asked of the sandbox. */
function storedCandidate(store: Pick<Store, 'cached'>, order: ProposeOrder): Candidate | null {
  const row = store.cached('tasks', order.id)
  if (!row) return null
  const { program, pairs, message, reason } = row
  const task = toTask(row)
  const inputs = pairs.map(({ input }) => input)
  return { order, task, reason: task ? null : reason, program, inputs, message }
}

/** What a proposal came to. */
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
  if (rollout.finish_reason === 'length') {
    return { order, task: null, reason: 'cut off', ...unread }
  }
  const draft = ports.dialect.parseProposal(order.kind, rollout.text, context)
  if (!draft.ok) return { order, task: null, reason: draft.reason, ...unread }
  return checkDraft(ports, order, draft.value, signal)
}

/** What the run hears of it. A duplicate of the buffer is refused at once: it gets no estimate. */
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
