/** An item of HumanEval+ or MBPP+, read from a line of the normalised file. */
import { rawFields } from './raw.ts'

export type Tests = { name: 'base' | 'plus'; inputs: string }

export type EvalplusItem = {
  id: string
  prompt: string
  entry: string
  solution: string
  atol: number
  tests: Tests[]
}

/** Inputs stay text, so that numbers keep their form. */
export function readEvalplusItem(line: string): EvalplusItem {
  const fields = rawFields(line)
  const text = (name: string) => JSON.parse(fields.get(name) ?? 'null')
  const tests = (['base', 'plus'] as const).flatMap((name): Tests[] => {
    const json = fields.get(`${name}_input`) ?? '[]'
    const literal = fields.get(`${name}_input_py`)
    const inputs = literal && literal !== 'null' ? literal : json
    // A task without plus tests has an empty object there.
    return /^(?:\[\s*\]|\{\s*\})$/.test(json) ? [] : [{ name, inputs }]
  })
  return {
    id: text('id'),
    prompt: text('prompt'),
    entry: text('entry_point'),
    solution: text('canonical_solution'),
    atol: text('atol') ?? 0,
    tests,
  }
}
