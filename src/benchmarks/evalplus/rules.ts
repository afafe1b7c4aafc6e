/**
 * EvalPlus's rules for equality (arXiv 2305.01210; evalplus 0.3.1, `eval/__init__.py`): Python's
 * `==`, or numpy's allclose if a tolerance is given or a float was expected. Some tasks have their
 * own oracle. It compares display texts and starts no process.
 */
import { areClose, isFloats, typeOf } from './close.ts'

export type EvalplusName = 'humanevalplus' | 'mbppplus'

/** A task's two lists of tests count separately. A tolerance that a float turned on stays on. */
export type Rules = {
  isEqual: (found: string, expected: string) => boolean
  entry: string
  benchmark: EvalplusName
}

/** Tasks whose results are compared as sets. */
const asSets = new Set([
  ...'similar_elements find_char_long common_in_nested_lists extract_singly'.split(' '),
  ...'larg_nnum intersection_array find_dissimilar Diff'.split(' '),
])
/** Tasks whose results have no text: only whether there is a result counts. */
const areThere = new Set(['check_str', 'text_match_three', 'text_starta_endb'])

export function viewOf(benchmark: EvalplusName, entry: string): '' | 'set' | 'is there' {
  if (benchmark !== 'mbppplus') return ''
  return asSets.has(entry) ? 'set' : areThere.has(entry) ? 'is there' : ''
}

/** Tasks whose oracle needs the inputs, which are numbers that JSON can hold. */
export const needsInputs = (entry: string) =>
  ['find_zero', 'surface_Area', 'digit_distance_nums'].includes(entry)

const numberOf = (text: string) => (text === 'True' ? 1 : text === 'False' ? 0 : Number(text))

/** Rounds half to even, as Python does. */
function rounded(value: number): number {
  const low = Math.floor(value)
  if (value - low !== 0.5) return Math.round(value)
  return low % 2 === 0 ? low : low + 1
}

/** The pyramid's surface if the height is that of the apex above the base. */
function surface([base = 0, height = 0]: number[]): number {
  const slant = Math.sqrt((base / 2) ** 2 + height ** 2)
  return rounded(base ** 2 + 2 * base * slant)
}

/** Differences of digits. The shorter number is padded with zeros. */
function digitDistance(numbers: number[]): number {
  const [one = '', two = ''] = numbers.map(String)
  const length = Math.max(one.length, two.length)
  const [a, b] = [one.padStart(length, '0'), two.padStart(length, '0')]
  return [...a].reduce((sum, digit, i) => sum + Math.abs(Number(digit) - Number(b[i])), 0)
}

const polynomial = (coefficients: number[], x: number) =>
  coefficients.reduce((sum, coefficient, i) => sum + coefficient * x ** i, 0)

/** An oracle's verdict on a value; null if there is no oracle, so that `==` decides. */
function oracle({ benchmark, entry }: Rules, found: string, input: unknown[], atol: number) {
  if (benchmark === 'humanevalplus') {
    if (entry !== 'find_zero') return null
    return Math.abs(polynomial(input[0] as number[], numberOf(found))) <= atol ? 'final' : 'wrong'
  }
  switch (entry) {
    case 'are_equivalent':
      return 'equal'
    case 'sum_div':
      return numberOf(found) === 0 ? 'equal' : null
    case 'surface_Area':
      return Math.abs(numberOf(found) - surface(input as number[])) <= atol ? 'equal' : null
    case 'digit_distance_nums':
      return numberOf(found) === digitDistance(input as number[]) ? 'equal' : null
    default:
      return null
  }
}

/** The first failed test, or −1. Only oracles need `inputs`. */
export function firstMiss(
  rules: Rules,
  found: readonly string[],
  expected: readonly string[],
  inputs: readonly unknown[][],
  atol: number,
): number {
  let tolerance = atol
  return expected.findIndex((wanted, i) => {
    const got = found[i]
    if (got === undefined) return true
    const said = oracle(rules, got, inputs[i] ?? [], tolerance)
    if (said === 'final' || said === 'wrong') return said === 'wrong'
    if (tolerance === 0 && isFloats(wanted)) tolerance = 1e-6
    if (said === 'equal' || rules.isEqual(got, wanted)) return false
    return !(tolerance !== 0 && typeOf(got) === typeOf(wanted) && areClose(got, wanted, tolerance))
  })
}
