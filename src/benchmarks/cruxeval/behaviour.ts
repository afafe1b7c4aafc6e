/**
 * Finds programs of a run that do the same as an item of CRUXEval. One input proves little, so both
 * programs have to agree on the item's input and on the task's.
 */
import type { Sandbox } from '../../../domain/execution.ts'
import { isEqual } from '../equal.ts'
import type { Search } from '../own.ts'
import type { CruxevalItem } from './grade.ts'

type Pair = { text: string; input: string; output: string }

const limits = { timeoutMs: 500, memoryMb: 512, maxOutputBytes: 65536, runs: 1 } as const

async function gives(
  sandbox: Sandbox,
  program: string,
  pairs: readonly Pair[],
  signal?: AbortSignal,
) {
  const inputs = pairs.map(({ input }) => input)
  const found = await sandbox.execute({ program, inputs, limits }, signal)
  return pairs.map(({ output }, i) => {
    const { outcome, output: text } = found[i] ?? {}
    return outcome === 'returned' && isEqual(text ?? '', output)
  })
}

async function sameOnBoth(
  sandbox: Sandbox,
  items: readonly CruxevalItem[],
  program: Pair,
  signal?: AbortSignal,
): Promise<string[]> {
  const found: string[] = []
  for (let at = 0; at < items.length; at += 100) {
    const some = items.slice(at, at + 100)
    const pairs = some.map(({ code: text, input, output }) => ({ text, input, output }))
    const there = await gives(sandbox, program.text, pairs, signal)
    for (const { id, code } of some.filter((_, i) => there[i])) {
      const [back] = await gives(sandbox, code, [program], signal)
      if (back) found.push(id)
    }
  }
  return found
}

export const behaviour = async (
  items: readonly CruxevalItem[],
  sandbox: Sandbox,
  signal?: AbortSignal,
): Promise<Search> => {
  return program => sameOnBoth(sandbox, items, program, signal)
}
