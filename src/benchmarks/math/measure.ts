/**
 * Removes the unit next to a number, and compares it with the reference's unit. Percent signs and
 * currencies are units too. It does not convert: `100 cm` is not `1 m`.
 */

/** Names of one unit, the preferred name first. */
const names = `
° degrees degree deg
% percent percents pct
$ dollars dollar usd
¢ cents cent
€ euros euro eur
£ pounds-sterling gbp
in inches inch
ft feet foot
yd yards yard
mi miles mile
mm millimeters millimeter millimetres millimetre
cm centimeters centimeter centimetres centimetre
m meters meter metres metre
km kilometers kilometer kilometres kilometre
g grams gram
kg kilograms kilogram
lb lbs pounds pound
l liters liter litres litre
gal gallons gallon
s seconds second sec secs
min minutes minute mins
h hours hour hrs hr
d days day
wk weeks week
mo months month
yr years year
rad radians radian
mph
km/h kmh kph
m/s
acre acres
ha hectares hectare
unit units
`
const canonical = new Map(
  names
    .trim()
    .split('\n')
    .flatMap(line => line.split(' ').map((name, _, [first = '']) => [name, first] as const)),
)
const known = new Set(canonical.values())
/** A single letter next to a number may also be a variable. */
const words = [...canonical.keys()].filter(name => /^[a-z/]{2,}$/.test(name))
const physical =
  'Å|[kMGTmµμn]?(?:eV|Hz|Pa|mol|pc|[JWNVKTCAFHΩgms])|[cmnμµ]m|kg|km|erg|ergs|AU|amu|dyn|dynes|yr|min|hr|[hL]|atm|bar|pm|[cm]?rad|sr|ppm'

const power = String.raw`(?:\s*\^\s*(?:\{\s*-?\d+\s*\}|-?\d))?`
const word = String.raw`\\(?:text|mathrm|textrm|textbf|mbox|rm|operatorname|unit|si)\s*\{[^{}]*\}`
const wrapped = String.raw`${word}|\\[dt]?frac\s*\{\s*${word}${power}\s*\}\s*\{\s*${word}${power}\s*\}`
const named = `(?:(?:square|cubic|sq|cu)\\.?\\s+)?(?:${words.sort((a, b) => b.length - a.length).join('|')})(?![a-zA-Z])`
const sign = String.raw`\^\{\\circ\}\s*(?:\\(?:text|mathrm)\{\s*[CFK]\s*\}|[CF](?![a-z]))?|\\?%|¢|€|£|\\(?:Omega|AA|mathring\{A\}|euro|pounds)(?![a-z])`
const opens = String.raw`(?:\s|\\cdot(?![a-z])|\\times(?![a-z])|[·*/(])*`
const joint = String.raw`(?:\s|\\cdot(?![a-z])|\\times(?![a-z])|[·*/.()])*`
const number = String.raw`[\s\S]*?(?:[\d})\]]|\\(?:pi|infty))`

/** A number and one or more units. A bracket that closes before them belongs to the number. */
function pattern(unit: string) {
  const one = `(?:${unit})${power}`
  return new RegExp(`^(${number})(${opens}${one}(?:${joint}${one})*[\\s.)]*)$`)
}
const measured = pattern(`${wrapped}|${sign}|(?<=\\s|~)(?:${named})`)
const physically = pattern(
  `${wrapped}|${sign}|(?<=[\\s/·*(.])(?:1(?=/)|${named}|(?:${physical})(?![a-zA-Z]))`,
)
const currency = /^([-+]?)\s*(\\\$|\$|€|£|\\pounds|\\euro|USD)\s*([\s\S]+)$/

const longest = 500

export type Measured = { value: string; unit: string }

/** A unit under one name; powers in words become figures. */
function unitOf(text: string): string {
  const bare = text
    .replace(/\\[dt]?frac\s*\{(.*)\}\s*\{(.*)\}/, '$1/$2')
    .replace(/\\euro/g, '€')
    .replace(/\\pounds/g, '£')
    .replace(/\\(?:text|mathrm|textrm|textbf|mbox|rm|operatorname|unit|si)\s*\{([^{}]*)\}/g, ' $1 ')
    .replace(/\^\{\\circ\}/g, ' ° ')
    .replace(/\\?\$|USD/g, ' $ ')
    .replace(/\\cdot|\\times|[·*().{}\\]/g, ' ')
    .replace(/(?:square|sq)\s+([a-z]+)/gi, '$1^2')
    .replace(/(?:cubic|cu)\s+([a-z]+)/gi, '$1^3')
    .replace(/\s*([/^])\s*/g, '$1')
  const parts = bare.trim().split(/\s+/).filter(Boolean)
  return parts
    .map(part => part.replace(/[^\s/^]+/, name => canonical.get(name.toLowerCase()) ?? name))
    .join(' ')
}

/** Words after a number that are not units: `3 or more`, `5 \text{ or } 7`. */
const counts = /\b(?:or|and|if|when|where|for|more|less|not|no|none|dozen|hundred|base)\b/i

/** A value and its unit, '' if it has none. With `isPhysics`, `5 m` is a unit and not a product. */
export function measure(text: string, isPhysics = false): Measured {
  if (text.length > longest) return { value: text, unit: '' }
  const [, minus = '', money = '', rest] = currency.exec(text) ?? []
  if (rest !== undefined) {
    return { value: minus + measure(rest, isPhysics).value, unit: unitOf(money) }
  }
  const [, value = '', tail = ''] = (isPhysics ? physically : measured).exec(text) ?? []
  const isWhole = value.split('(').length === value.split(')').length
  const unit = isWhole && !counts.test(tail) ? unitOf(tail) : ''
  return unit === '' ? { value: text, unit } : { value: value.trim(), unit }
}

const isKnown = (unit: string) =>
  unit.split(/[\s/^]+/).every(part => /^-?\d*$/.test(part) || known.has(part))

/** Whether both have known units that differ. */
export const isOtherUnit = (one: string, two: string): boolean =>
  one !== '' && two !== '' && one !== two && isKnown(one) && isKnown(two)
