/**
 * Composite functions (the paper's appendix): a proposal builds on functions of earlier tasks,
 * which stand before it as `g_0`, `g_1` and so on. Off unless `propose.composite` is set.
 */
import { accept, fence, list, type Parsed, refuse } from '../prompts/reading.ts'
import type { Task } from '../task.ts'

const isComposite = (program: string) => /\bdef\s+g_\d+\s*\(/.test(program)
const nameOf = (k: number) => `g_${k}`
const calls = (program: string, name: string) =>
  new RegExp(`(?<!def\\s+)\\b${name}\\s*\\(`).test(program)

/** The program of a task with `f` renamed to `g_k`, in its definition and its calls. */
const renamed = (program: string, k: number) => program.replace(/(?<![.\w])f(?=\s*\()/g, nameOf(k))

/** Helper functions from tasks that are not composite themselves. */
export const helpersOf = (tasks: readonly Task[]): string[] =>
  tasks.filter(({ program }) => !isComposite(program)).map(({ program }, k) => renamed(program, k))

/** The part of a prompt that presents the helpers; empty if there are none. */
export function buildOn(helpers: readonly string[]): string[] {
  if (helpers.length === 0) return []
  const names = helpers.map((_, k) => `\`${nameOf(k)}\``).join(', ')
  return [
    `### Functions to build on\n${list([
      `\`f\` has to call each of ${names}, which stand before it; do not define them again`,
      'It does more than pass their values on: first think through what each of them does',
    ])}\n${fence('python', helpers.join('\n\n'))}`,
  ]
}

/** The whole program, if it uses the helpers as required. */
export function withHelpers(program: string, helpers: readonly string[]): Parsed<string> {
  for (const k of helpers.keys()) {
    if (new RegExp(`\\bdef\\s+${nameOf(k)}\\b`).test(program))
      return refuse('defines a helper again')
    if (!calls(program, nameOf(k))) return refuse('calls not every helper')
  }
  return accept([...helpers, program].join('\n\n'))
}
