/**
 * How the paper's pipeline cleans an answer before comparing it (Qwen2.5-Math's evaluation, as
 * simpleRL-reason and AZR use it), its mistakes included: trailing text is taken for a unit, so
 * `\boxed{\text{Evelyn}}` becomes `\boxed{`. For `paperVerdict` only.
 */

const units = [
  ...'east|degree|mph|kmph|ft|m sqaure| m east|sq m|deg|mile|q .|monkey|prime|ratio'.split('|'),
  ...'profit of rs|rd|o|gm|p . m|lb|tile|per|dm|lt|gain|ab|way|west|a .|b .|c .|d .'.split('|'),
  ...'e .|f .|g .|h .|t|a|h|no change|men|soldier|pie|bc|excess|st|inches|noon'.split('|'),
  ...'percent|by|gal|kmh|c|acre|rise|a . m|th|π r 2|sq|mark|l|toy|coin|sq . m'.split('|'),
  ...'gallon|° f|profit|minw|yr|women|am|pm|hr|cu cm|square|are|rupee|rounds'.split('|'),
  ...'cubic|cc|mtr|s|ohm|number|day|hour|minute|min|second|man|woman|sec|cube'.split('|'),
  ...'mt|sq inch|mp|∏ cm ³|hectare|more|unit|cu . m|cm 2|rs .|rs|kg|g|month|km|m'.split('|'),
  ...'cm|mm|apple|liter|loss|yard|pure|year|increase|decrease|d|less|Surface'.split('|'),
  ...'litre|pi sq m|s .|metre|meter|inch'.split('|'),
]
const allUnits = [...units, ...units.map(unit => `${unit}s`)]
const unitPatterns = allUnits.map(
  unit => new RegExp(`(^|\\W)${unit.replaceAll('.', '\\.')}($|\\W)`, 'g'),
)

const numberWords = new Map(
  [
    ...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'],
    ...['eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen'],
    ...['eighteen', 'nineteen', 'twenty'],
  ].map((word, number) => [word, String(number)]),
)
const asNumber = (word: string) => numberWords.get(word.toLowerCase()) ?? word

type Step = [RegExp, string]

const before: Step[] = [
  [/\n/g, ''],
  [/\.+$/, ''],
  [/\\!/g, ''],
  [/\\begin\{array\}\{.*?\}/g, '\\begin{pmatrix}'],
  [/\\end\{array\}/g, '\\end{pmatrix}'],
  [/bmatrix/g, 'pmatrix'],
  [/[td]frac/g, 'frac'],
  [/\\neq/g, '\\ne'],
  [/\\leq/g, '\\le'],
  [/\\geq/g, '\\ge'],
  [/\\left|\\right/g, ''],
  [/\\([{}])/g, '$1'],
]

const after: Step[] = [
  [/\^\{\\circ\}|\^\\circ/g, ''],
  [/\\\$|\$/g, ''],
  [/\\[()]/g, ''],
]

const last: Step[] = [
  [/\\text\{(.*?)\}/g, '$1'],
  [/[xyz]=|[xyz]\s*\\in\b|x\\to|y\\to|z\\to/g, ''],
  [/\\emptyset/g, '{}'],
  [/\(-\\infty,\\infty\)/g, '\\mathbb{R}'],
  [/\\?%/g, ''],
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

/** A rule that would leave nothing is not followed. */
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

/** `\sqrt3` is `\sqrt{3}`, `\frac12` is `\frac{1}{2}`, `3/4` is `\frac{3}{4}`. */
function withBraces(text: string): string {
  const roots = text.replace(/\\sqrt(\w+)/g, '\\sqrt{$1}').replaceAll(' ', '')
  const fractions = roots
    .replace(/\\frac([^{\\])([^{\\])/g, '\\frac{$1}{$2}')
    .replace(/\\frac([^{\\])\{/g, '\\frac{$1}{')
  return fractions.replace(/^(-?\d+)\/(-?\d+)$/, '\\frac{$1}{$2}')
}

export function stripAnswer(answer: string, keepsUnits = false): string {
  let text = apply(answer.trim(), before)
  text = text.replace(/\\text\{([a-zA-Z]+)\}/g, (all, word) => {
    const number = asNumber(word)
    return number === word ? all : number
  })
  text = unlessEmpty(text, text.replace(/\\text\{.*?\}$/, '').trim())
  if (!keepsUnits) text = withoutUnits(text)
  text = apply(asNumber(apply(text, after)), last)
  if (!text.includes('\\infty')) text = text.replaceAll('inf', '\\infty')
  text = apply(text, end)
  if (text.includes('j') && !text.includes('i')) text = text.replaceAll('j', 'i')
  text = text.replace(/(\d+)\.0*([^\d])/g, '$1$2').replace(/(\d+)\.0*$/, '$1')
  if (text.startsWith('.')) text = `0${text}`
  const sides = text.split('=')
  if (sides.length === 2 && (sides[0] as string).length <= 2) text = sides[1] as string
  return withBraces(text)
}
