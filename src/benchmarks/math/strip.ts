/**
 * Cleans an answer as the paper's pipeline does before it compares (Qwen2.5-Math's evaluation, as
 * used by simpleRL-reason and AZR), including its mistakes: it takes trailing text for a unit, so
 * `\boxed{\text{Evelyn}}` becomes `\boxed{`. Only for `paperVerdict`.
 */
import { numberOfWords } from './number-words.ts'

/** These are patterns, not words: a point in them matches any character, as in the original. */
const units = [
  ...'east|degree|mph|kmph|ft|m sqaure| m east|sq m|deg|mile|q .|monkey|prime|ratio'.split('|'),
  ...'profit of rs|rd|o|gm|p . m|lb|tile|per|dm|lt|gain|ab|way|west|a .|b .|c .|d .|e .'.split('|'),
  ...'f .|g .|h .|t|a|h|no change|men|soldier|pie|bc|excess|st|inches|noon|percent|by'.split('|'),
  ...'gal|kmh|c|acre|rise|a . m|th|π r 2|sq|mark|l|toy|coin|sq . m|gallon|° f|profit'.split('|'),
  ...'minw|yr|women|feet|am|pm|hr|cu cm|square|v â € ™|are|rupee|rounds|cubic|cc|mtr|s'.split('|'),
  ...'ohm|number|kmph|day|hour|minute|min|second|man|woman|sec|cube|mt|sq inch|mp|∏ cm ³'.split(
    '|',
  ),
  ...'hectare|more|sec|unit|cu . m|cm 2|rs .|rs|kg|g|month|km|m|cm|mm|apple|liter|loss'.split('|'),
  ...'yard|pure|year|increase|decrease|d|less|Surface|litre|pi sq m|s .|metre|meter|inch'.split(
    '|',
  ),
]
const edge = '[^\\p{L}\\p{N}_]'
const unitPatterns = [...units, ...units.map(unit => `${unit}s`)].map(
  unit => new RegExp(`(^|${edge})${unit}($|${edge})`, 'gu'),
)

type Step = [RegExp, string]

const before: Step[] = [
  [/\n/g, ''],
  [/\.+$/, ''],
  [/\\!/g, ''],
  [/\\begin\{array\}\{.*?\}/g, '\\begin{pmatrix}'],
  [/\\end\{array\}/g, '\\end{pmatrix}'],
  [/bmatrix/g, 'pmatrix'],
  [/tfrac/g, 'frac'],
  [/dfrac/g, 'frac'],
  [/\\neq/g, '\\ne'],
  [/\\leq/g, '\\le'],
  [/\\geq/g, '\\ge'],
  [/\\left/g, ''],
  [/\\right/g, ''],
  [/\\\{/g, '{'],
  [/\\\}/g, '}'],
]

const signs: Step[] = [
  [/\^\{\\circ\}/g, ''],
  [/\^\\circ/g, ''],
  [/\\\$/g, ''],
  [/\$/g, ''],
  [/\\\(/g, ''],
  [/\\\)/g, ''],
]

const names = ['x=', 'y=', 'z=', 'x\\in', 'y\\in', 'z\\in', 'x\\to', 'y\\to', 'z\\to']

const last: Step[] = [
  [/\\emptyset/g, '{}'],
  [/\(-\\infty,\\infty\)/g, '\\mathbb{R}'],
  [/\\%/g, ''],
  [/%/g, ''],
  [/ \./g, ' 0.'],
  [/\{\./g, '{0.'],
  [/infinity/g, '\\infty'],
]

const end: Step[] = [
  [/and/g, ''],
  [/\\mathbf/g, ''],
  [/\\mbox\{.*?\}/g, ''],
]

const apply = (text: string, steps: readonly Step[]) =>
  steps.reduce((found, [pattern, put]) => found.replace(pattern, put), text)

/** A rule that would leave nothing is not applied. */
const unlessEmpty = (text: string, changed: string) => (changed === '' ? text : changed)

function withoutUnits(text: string): string {
  let found = text
  for (let round = 0; round < 2; round++) {
    for (const pattern of unitPatterns) {
      found = unlessEmpty(found, found.replace(pattern, '$1$2'))
    }
  }
  return found
}

/**
 * `\frac12` becomes `\frac{1}{2}`. If one has fewer than two characters after it, nothing changes.
 */
function withBraces(text: string): string {
  const [head = '', ...parts] = text.split('\\frac')
  let found = head
  for (const part of parts) {
    const [a = '', b] = part
    if (a === '{') found += `\\frac${part}`
    else if (b === undefined) return text
    else found += `\\frac{${a}}${b === '{' ? b : `{${b}}`}${part.slice(a.length + b.length)}`
  }
  return found
}

/** `3/4` becomes `\frac{3}{4}`, if there is nothing else. */
function asFraction(text: string): string {
  const sides = text.split('/')
  const isPlain = (side: string) => side.includes('sqrt') || /^(?:0|-?[1-9]\d*)$/.test(side)
  if (sides.length !== 2 || !sides.every(isPlain)) return text
  return `\\frac{${sides[0]}}{${sides[1]}}`
}

/** `x=5` becomes 5. */
function rightSide(text: string): string {
  const sides = text.split('=')
  return sides.length === 2 && [...(sides[0] as string)].length <= 2 ? (sides[1] as string) : text
}

export function stripAnswer(answer: string, keepsUnits = false): string {
  let text = apply(answer.trim(), before)
  text = unlessEmpty(text, text.replace(/\\text\{.*?\}$/, '').trim())
  if (!keepsUnits) text = withoutUnits(text)
  text = apply(text, signs)
  text = (numberOfWords(text) ?? text).replace(/\\text\{(.*?)\}/g, '$1')
  text = apply(
    names.reduce((found, name) => found.replaceAll(name, ''), text),
    last,
  )
  if (!text.includes('\\infty')) text = text.replaceAll('inf', '\\infty')
  text = apply(text, end)
  if (text.includes('j') && !text.includes('i')) text = text.replaceAll('j', 'i')
  text = text.replace(/(\d+)\.0*([^\d])/g, '$1$2').replace(/(\d+)\.0*$/, '$1')
  if (text.startsWith('.')) text = `0${text}`
  const rooted = rightSide(text).replace(/\\sqrt([\p{L}\p{N}_]+)/gu, '\\sqrt{$1}')
  return asFraction(withBraces(rooted.replaceAll(' ', '')))
}
