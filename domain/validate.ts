/**
 * Decides whether a proposal becomes a task. The sandbox says what the program does; these rules
 * say whether it is useful. Each rule gives its reason, which is stored with the refused task.
 */
import type { TaskRules } from './settings.ts'
import type { ProgramFacts } from './task.ts'

/** The part of an execution that the rules look at. */
export type Run = {
  outcome: string
  output: string | null
  error: string | null
  literal: boolean
  inputCanonical: string | null
}

/**
 * A word bans modules that have it as a part of their name. A word with a dot bans that name of
 * that module.
 */
function bannedWord({ imports, uses }: ProgramFacts, words: readonly string[]): string | undefined {
  const reads = (name: string, word: string) => name === word || name.startsWith(`${word}.`)
  return words.find(word =>
    word.includes('.')
      ? [...imports, ...uses].some(name => reads(name, word))
      : imports.some(name => name.split('.').includes(word)),
  )
}

/** Checks a program before it runs: the reason for its refusal, or null. */
export function refuseProgram(
  program: string,
  facts: ProgramFacts,
  rules: TaskRules,
): string | null {
  if (program.length > rules.maxProgramChars) return 'program too long'
  if (!facts.functions.includes('f')) return 'no function f'
  if (facts.uses.includes('input')) return 'reads input'
  const [unread] = rules.refuseUnread ? facts.unread : []
  if (unread !== undefined) return `never reads ${unread}`
  const word = bannedWord(facts, rules.bannedWords)
  return word === undefined ? null : `banned word: ${word}`
}

/** A message must not reveal the program, by quoting it or by defining f. */
export function refuseMessage(message: string, program: string): string | null {
  if (/\bdef\s+f\s*\(/.test(message)) return 'message holds the program'
  const body = program
    .split('\n')
    .slice(1)
    .map(line => line.trim())
    .filter(line => line.length > 8)
  const quoted = body.filter(line => message.includes(line))
  return body.length > 0 && quoted.length * 2 > body.length ? 'message holds the program' : null
}

function refuseRun(run: Run, rules: TaskRules): string | null {
  if (run.outcome === 'raised') return `raised ${run.error ?? 'an exception'}`
  if (run.outcome !== 'returned') return run.error ? `${run.outcome}: ${run.error}` : run.outcome
  if (!run.literal) return 'input is no literal'
  if (run.output === 'None') return 'returns None'
  if (/\bnan\b/.test((run.output ?? '').replace(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/g, ''))) {
    return 'returns NaN'
  }
  return (run.output ?? '').length > rules.maxOutputChars ? 'output too long' : null
}

/**
 * Checks the runs of a program: the reason why its first bad input refuses the proposal, or null.
 */
export function refuseRuns(runs: readonly Run[], rules: TaskRules): string | null {
  for (const run of runs) {
    const reason = refuseRun(run, rules)
    if (reason !== null) return reason
  }
  if (runs.length > 1) {
    if (new Set(runs.map(run => run.output)).size < rules.minDistinctOutputs) {
      return 'too few different outputs'
    }
  }
  return null
}
