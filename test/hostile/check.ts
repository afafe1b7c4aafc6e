/** Runs programs of the set in one mode, and lists what was wrong with each. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Execution, Limits, Sandbox } from '../../domain/execution.ts'
import { induction } from '../../domain/kinds/induction.ts'
import { judge, toolsOf } from '../../domain/kinds/judge.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { type Accepted, type Case, isAccepted, neighbourFile, readCases } from './cases.ts'
import { type Mode, optionsFor, uidOf } from './modes.ts'
import { findUnrest, watchProcesses } from './remains.ts'
import { setTraps, type Traps } from './traps.ts'

export type Failure = { category: string; name: string; what: string }

const limits: Limits = { timeoutMs: 300, memoryMb: 256, maxOutputBytes: 65536, runs: 2 }
/** Number of neighbours in one child with a program, if the screen lets it share. */
const besides = 8
/** Categories whose programs try to change what others see. */
const spoilers = ['contamination', 'escape', 'influence', 'judge', 'screen', 'sharing']

const describeOne = ({ outcome, output, error }: Execution) =>
  [outcome, (outcome === 'raised' || outcome === 'rejected' ? error : output)?.slice(0, 200)]
    .filter(text => text != null)
    .join(' ')

const describeAccepted = (accepted: Accepted[]) =>
  accepted.map(({ outcome, text }) => (text === null ? outcome : `${outcome} ${text}`)).join(', ')

/** Puts the names of the traps into a program. */
function fill(text: string, { names }: Traps): string {
  return text.replace(/@([A-Z]+(?:_[A-Z]+)*)@/g, (all, key) => names[key] ?? all)
}

function checkExecution(
  found: Execution,
  accepted: Accepted[],
  traps: Traps,
  isScript = false,
): string[] {
  const wrong: string[] = []
  if (!isAccepted(found, accepted, isScript)) {
    wrong.push(`${describeOne(found)}; accepted: ${describeAccepted(accepted)}`)
  }
  const said = JSON.stringify(found)
  if (traps.secrets.some(secret => said.includes(secret))) wrong.push('it gave back a secret')
  if (found.error !== null && (found.error.length > 300 || /[\n\r]/.test(found.error))) {
    wrong.push('its error is not one short line')
  }
  return wrong
}

type Bench = { sandbox: Sandbox; traps: Traps; mode: Mode; neighbours: Case[] }

async function askNeighbours({ sandbox, traps }: Bench, some: Case[]): Promise<string[]> {
  const answers = await Promise.all(
    some.map(({ program, inputs }) => sandbox.execute({ program, inputs, limits })),
  )
  return answers.flatMap((found, i) => {
    const { name, accepted } = some[i] as Case
    return found.flatMap((one, at) =>
      checkExecution(one, accepted[at] ?? [], traps).map(what => `neighbour "${name}": ${what}`),
    )
  })
}

async function runCase(bench: Bench, one: Case, turn: number): Promise<string[]> {
  const { sandbox, traps, mode, neighbours } = bench
  const program = fill(one.program, traps)
  const inputs = one.inputs.map(text => fill(text, traps))
  const pick = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => neighbours[(from + i) % neighbours.length] as Case)
  const run = (text: string) =>
    one.isScript
      ? sandbox.runScript({ program: text, stdins: inputs, limits })
      : sandbox.execute({ program: text, inputs, limits })
  const isBeside = mode.lane === 'beside neighbours'
  const before = sandbox.pids()
  const { mismatches } = sandbox.metrics()
  // The lanes run a batch in opposite orders. A program between two equal ones has met one of them
  // before its turn in both lanes.
  const [found, between, , after] = await Promise.all([
    run(program),
    isBeside ? askNeighbours(bench, pick(turn * besides, besides / 2)) : [],
    isBeside && spoilers.includes(one.category) ? run(`${program}\n# again`) : [],
    isBeside ? askNeighbours(bench, pick(turn * besides + besides / 2, besides / 2)) : [],
  ])
  const accepted = (mode.namespaces ? null : one.acceptedWithoutNamespaces) ?? one.accepted
  const wrong = found.flatMap((execution, i) =>
    checkExecution(execution, accepted[i] ?? [], traps, one.isScript),
  )
  const later = await askNeighbours(bench, pick(turn, 2))
  const now = sandbox.pids()
  const servers = one.frontMayRestart ? 1 : 0
  if (before.slice(servers).some(pid => !now.includes(pid))) wrong.push('a server died')
  if (sandbox.metrics().mismatches > mismatches) wrong.push('among others a value was another one')
  return [...wrong, ...between, ...after, ...later, ...traps.look()]
}

/** Programs that tamper with the judge are judged too: none of their answers may count. */
async function judgeCase({ sandbox, traps }: Bench, one: Case): Promise<string[]> {
  const answer = fill(one.program, traps)
  const inputs = one.inputs.map(text => fill(text, traps))
  const expected = inputs.map(() => `'${traps.expected}'`)
  const question = { program: '', inputs, expected, answer }
  const verdict = await judge(induction, question, toolsOf(sandbox, limits))
  if (verdict.type === 'malformed') return []
  return verdict.right > 0 ? ['the judge took its answer for the expected one'] : []
}

export type Report = { mode: Mode; skipped: string | null; failures: Failure[]; passed: Case[] }

export async function runMode(
  mode: Mode,
  cases: Case[],
  say: (failure: Failure) => void = () => {},
): Promise<Report> {
  const options = optionsFor(mode, 1)
  if (typeof options === 'string') return { mode, skipped: options, failures: [], passed: [] }
  const traps = await setTraps(uidOf(mode))
  const watch = watchProcesses([traps.bystander])
  const sandbox = await startSandbox(options)
  const bench = { sandbox, traps, mode, neighbours: readCases(neighbourFile) }
  const failures: Failure[] = []
  const passed: Case[] = []
  const fail = (category: string, name: string, what: string) => {
    failures.push({ category, name, what })
    say({ category, name, what })
  }
  for (const [turn, one] of cases.entries()) {
    const wrong = await runCase(bench, one, turn)
    if (one.category === 'judge') wrong.push(...(await judgeCase(bench, one)))
    for (const what of wrong) fail(one.category, one.name, what)
    if (wrong.length === 0) passed.push(one)
  }
  const { shared } = sandbox.metrics()
  if (mode.lane !== 'alone' && shared === 0) fail('afterwards', 'at rest', 'no child was shared')
  for (const what of await findUnrest([traps.bystander])) fail('afterwards', 'at rest', what)
  watch.note()
  await sandbox.stop()
  watch.stop()
  // The kernel takes a moment to remove a namespace, longer on a busy machine.
  for (let i = 0; i < 100 && watch.alive().length > 0; i++) await sleep(100)
  for (const { pid, name } of watch.alive()) {
    fail('afterwards', 'stopped', `process ${pid} (${name}) lives on`)
  }
  for (const what of traps.look()) fail('afterwards', 'stopped', what)
  await traps.close()
  return { mode, skipped: null, failures, passed }
}
