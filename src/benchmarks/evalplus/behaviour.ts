/**
 * Finds programs of a run that do the same as an item of a benchmark, by running both on the item's
 * inputs. One input proves little, so it takes several, with different answers.
 */
import type { Sandbox } from '../../../domain/execution.ts'
import { type Call, runCalls } from '../calls.ts'
import { isEqual } from '../equal.ts'
import type { Search } from '../own.ts'
import type { EvalplusItem } from './item.ts'

const most = 4
/** CPU seconds of a call, and of all calls of one program. */
const callSeconds = 0.25
const totalSeconds = 20

type Place = { id: string; from: number; count: number; expected: string[] }

/** The inputs of all items in sequence. A program runs on them in one process. */
type Battery = { inputs: string; places: Place[] }

/** The first few inputs of an item, base before plus, without inputs that JSON cannot hold. */
function inputsOf({ tests }: EvalplusItem): unknown[][] {
  const found = tests.flatMap(({ inputs }) => {
    const read: unknown = inputs.startsWith('"') ? [] : JSON.parse(inputs)
    return read as unknown[][]
  })
  return found.slice(0, most)
}

const run = (
  sandbox: Sandbox,
  program: string,
  entry: string,
  inputs: string,
  signal?: AbortSignal,
) =>
  runCalls(
    sandbox,
    { program, entry, inputs, limits: [callSeconds], totalSeconds, goesOn: true },
    signal,
  )

const isTelling = (expected: readonly string[]) => new Set(expected).size > 1

/** Items with several inputs for which the canonical solution gives different answers. */
async function batteryOf(
  sandbox: Sandbox,
  items: readonly EvalplusItem[],
  signal?: AbortSignal,
): Promise<Battery> {
  const found = await Promise.all(
    items.map(async item => {
      const inputs = inputsOf(item)
      if (inputs.length < 2) return null
      const text = JSON.stringify(inputs)
      const { calls } = await run(sandbox, item.prompt + item.solution, item.entry, text, signal)
      const values = calls.flatMap(({ how, text }) => (how === 'value' ? [text] : []))
      return values.length === inputs.length && isTelling(values)
        ? { id: item.id, inputs, expected: values }
        : null
    }),
  )
  const kept = found.filter(one => one !== null)
  let from = 0
  const places = kept.map(({ id, inputs, expected }) => {
    const place = { id, from, count: inputs.length, expected }
    from += inputs.length
    return place
  })
  return { inputs: JSON.stringify(kept.flatMap(({ inputs }) => inputs)), places }
}

const agrees = (calls: readonly (Call | undefined)[], expected: readonly string[]) =>
  expected.every((wanted, i) => calls[i]?.how === 'value' && isEqual(calls[i].text, wanted))

/**
 * Items on which the program's `f` agrees with the canonical solution for all inputs; null if it
 * did not finish.
 */
async function sameBehaviour(
  sandbox: Sandbox,
  { inputs, places }: Battery,
  program: string,
  signal?: AbortSignal,
): Promise<string[] | null> {
  if (places.length === 0) return []
  const { calls, cut } = await run(sandbox, program, 'f', inputs, signal)
  if (cut) return null
  return places
    .filter(({ from, count, expected }) => agrees(calls.slice(from, from + count), expected))
    .map(({ id }) => id)
}

export async function behaviour(
  items: readonly EvalplusItem[],
  sandbox: Sandbox,
  signal?: AbortSignal,
): Promise<Search> {
  const battery = await batteryOf(sandbox, items, signal)
  return ({ text }) => sameBehaviour(sandbox, battery, text, signal)
}
