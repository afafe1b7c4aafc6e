/**
 * The proposer's two units: draft a proposal (one completion), and check it (parse, screen, run
 * twice). Whether it becomes a task is decided when all of its kind are checked: settle.ts.
 */
import type { FromExecutor, FromProposer, ProposeOrder } from '../../../actors/messages.ts'
import { TextUnread } from '../../../domain/errors.ts'
import { taskHash, wordingHash } from '../../../domain/hash.ts'
import type { Draft, ProposalContext } from '../../../domain/prompts/dialect.ts'
import type { Pair, ProgramFacts, Task } from '../../../domain/task.ts'
import { refuseMessage, refuseProgram, refuseRuns } from '../../../domain/validate.ts'
import type { ExecutionRow } from '../../../state/types.ts'
import { executeProgram } from './execute.ts'
import { type Candidate, limitsOf, type Ports, taskOf } from './ports.ts'
import { sampleRollout } from './sample.ts'

export function contextOf(ports: Ports, order: ProposeOrder): ProposalContext {
  const { config } = ports
  return {
    references: order.references.map(hash => taskOf(ports, hash)),
    program: order.program === null ? null : taskOf(ports, order.program),
    inputs: config.propose.inputs,
    bannedWords: config.task.bannedWords,
    timeoutMs: config.sandbox.timeoutMs / 2,
    maxOutputChars: config.task.maxOutputChars,
  }
}

export async function draftProposal(
  ports: Ports,
  order: ProposeOrder,
  policyVersion: number,
  signal: AbortSignal,
): Promise<FromProposer> {
  const { id, kind } = order
  const { temperature, topP, maxTokens } = ports.config.propose
  const prompt = ports.dialect.proposerPrompt(kind, contextOf(ports, order))
  const want = { id, role: 'proposer', kind, task: order.program, prompt, policyVersion } as const
  await sampleRollout(ports, { ...want, temperature, topP, maxTokens }, signal)
  return { type: 'proposal.drafted', order }
}

function pairsOf(rows: ExecutionRow[]): Pair[] {
  return rows.map(({ input, output, canonical }) => {
    return { input, output: output ?? '', canonical: canonical ?? '' }
  })
}

/** Screens and runs what was drafted; gives its candidate. */
export async function checkDraft(
  ports: Ports,
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
function storedCandidate(ports: Ports, order: ProposeOrder): Candidate | null {
  const row = ports.store.cached('tasks', order.id)
  if (!row) return null
  const { id, kind, program, normalized, pairs, message, hash, reason } = row
  const isTask = program !== null && normalized !== null && hash !== null
  const task: Task | null = isTask ? { id, kind, program, normalized, pairs, message, hash } : null
  const inputs = pairs.map(({ input }) => input)
  return { order, task, reason: task ? null : reason, program, inputs, message }
}

async function candidateOf(ports: Ports, order: ProposeOrder, signal: AbortSignal) {
  const stored = storedCandidate(ports, order)
  if (stored) return stored
  const rollout = ports.store.cached('rollouts', order.id)
  if (!rollout) throw new Error(`Cannot check proposal ${order.id} as it was not drafted`)
  const unread = { program: null, inputs: [], message: '' }
  if (rollout.finish_reason === 'length') {
    return { order, task: null, reason: 'cut off', ...unread }
  }
  const draft = ports.dialect.parseProposal(order.kind, rollout.text, contextOf(ports, order))
  if (!draft.ok) return { order, task: null, reason: draft.reason, ...unread }
  return checkDraft(ports, order, draft.value, signal)
}

/** A duplicate of the buffer is refused at once: it gets no estimate. */
export async function checkProposal(
  ports: Ports,
  order: ProposeOrder,
  signal: AbortSignal,
): Promise<FromExecutor> {
  const candidate = await candidateOf(ports, order, signal)
  const { session, config } = ports
  session.candidates.set(order.id, candidate)
  const { task } = candidate
  if (!task) return { type: 'task.validated', order, wording: null, reason: candidate.reason }
  if (config.task.refuseDuplicates && session.known.has(task.hash)) {
    return { type: 'task.validated', order, wording: null, reason: 'duplicate' }
  }
  const wording = wordingHash(task)
  session.tasks.set(wording, task)
  return { type: 'task.validated', order, wording, reason: null }
}
