/**
 * From how an answer may be written to what math-verify reads as the same: numbers in groups or in
 * e-notation, mixed numbers, ordinals, degrees. A reference is read by the same rules. Units are in
 * measure.ts, what is no expression in forms.ts.
 */
import { withCommands } from './signs.ts'

type Step = [RegExp, string | ((...found: string[]) => string)]

const layout: Step[] = [
  [/^\s*(?:\*\*|__|`)([^*`]+)(?:\*\*|__|`)\s*$/, '$1'],
  [/\\(?:displaystyle|textstyle|limits|nolimits|[bB]igg?[lrm]?(?![a-z]))/g, ''],
  [/\\(?:mathbf|boldsymbol|bm|textbf|mathit|mathsf|ensuremath)\s*\{([^{}]*)\}/g, '$1'],
  [/\\phantom\{[^{}]*\}|\\hspace\*?\{[^{}]*\}/g, ' '],
  [/(?<!\\)\\(?:(?:thinspace|medspace|thickspace|enspace|q?quad)(?![a-z])|[,:;> ])|~/g, '\u2009'],
  [/,\s*\\!\s*/g, '{,}'],
  [/\\!\s*/g, ''],
  [/^([^$]*)(?<!\\)\$([^$]*)$/, '$1\\$$$2'],
  [/(?<!\\)\$/g, ''],
  [/\\[()]|^\\\[|\\\]$/g, ''],
  [/\\d?t?leqslant/g, '\\le'],
  [/\\geqslant/g, '\\ge'],
  [/<=/g, '\\le '],
  [/>=/g, '\\ge '],
  [/\+\/?-(?=\s*[\d\\a-z(])/g, '\\pm '],
  [/(?<![a-z\\])pi(?![a-z])/gi, '\\pi '],
  [/([)\]])\s*(?:U|\\bigcup|\\text\{\s*(?:U|or|and)\s*\})\s*([([])/g, '$1\\cup $2'],
  [/(?<![a-z\\])(?:infinity|infty|infin)(?![a-z])/gi, '\\infty '],
]

/** Groups of three digits; a comma with a plain space after it separates two numbers. */
const groups =
  /(?<![\d.,\u2009])(\d{1,3})((?:(?:\u2009|,\u2009?|\{,\}|'|\\,)\d{3})+)(?![\d\u2009]|[,']\d|\{,\})/g
const powersOfTen: Record<string, number> = { thousand: 3, million: 6, billion: 9, trillion: 12 }

const numbers: Step[] = [
  [/[([][^()[\]]*[)\]]/g, inside => inside.replaceAll(/(?<!\{),(?!\})/g, ', ')],
  [groups, (_, head, tail) => head + tail.replace(/\D/g, '')],
  [/^([-+]?\d{1,3})((?: \d{3})+)$/, (_, head, tail) => head + tail.replaceAll(' ', '')],
  [/\u2009/g, ' '],
  [
    /(?<![a-z\\_^{\d.])(\d+(?:\.\d*)?|\.\d+)(?:[eE]|\\(?:text|mathrm|operatorname)\{[eE]\})\{?([+-]?\d+)\}?(?![\d.a-z({^\\])/gi,
    (_, head, power) => `${head} \\times 10^{${Number(power)}}`,
  ],
  [/(?<![a-z\\])10\s*\*\*\s*/gi, '10^'],
  [/(\d|\})\s*(?:[xX]|\*)\s*10\s*\^/g, '$1 \\times 10^'],
  [/\*\*/g, '^'],
  [/\^\s*\(([+-]?\d+)\)/g, '^{$1}'],
  [/\^\s*([+-]?\d{2,}|[+-]\d)/g, '^{$1}'],
  [
    /(\d)\s*(?:\\text\{\s*)?(thousand|million|billion|trillion)s?(?:\s*\})?/gi,
    (_, digit, word) => `${digit} \\times 10^{${powersOfTen[word.toLowerCase()]}}`,
  ],
  [
    /(\d)\s*\^\s*\{?\s*(?:\\(?:text|mathrm|textrm|rm)\s*\{?\s*)?(?:st|nd|rd|th)\s*\}*(?=\W|$)/g,
    '$1',
  ],
  [/(\d)\s*\\text(?:superscript)?\{\s*(?:st|nd|rd|th)\s*\}/g, '$1'],
  [/(\d)(?:st|nd|rd|th)(?![a-z])/g, '$1'],
  [/(?<![\d./^_{\\])(\d+)(?:\s+|\s+and\s+|-)(\d+)\s*\/\s*(\d+)(?![\d.])/g, mixed],
  [/(?<![\d./^_{\\])(\d+)\s*(?:and\s+)?\\[dtc]?frac\s*(\d)\s*(\d)(?!\d)/g, mixed],
]

/** A whole number before a proper fraction: `11 5/6`; anything else stays. */
function mixed(found = '', whole = '', top = '', bottom = ''): string {
  const isMinus = /\d-\d/.test(found)
  return Number(top) < Number(bottom) && !isMinus ? `${whole}\\frac{${top}}{${bottom}}` : found
}

/** `18^\circ 26' 6''` in degrees, as one fraction. */
function degrees(_: string, whole: string, minutes = '', seconds = ''): string {
  const parts = Number(whole) * 3600 + Number(minutes) * 60 + Number(seconds || 0)
  return `\\frac{${parts}}{3600}^{\\circ}`
}

const angles: Step[] = [
  [/°|\\degrees?(?![a-z])|\^\s*\\circ(?![a-z])|\^\s*\{\s*\\circ\s*\}/g, '^{\\circ}'],
  [
    /(?<![\d.])(\d+)\s*\^\{\\circ\}\s*(\d+)\s*(?:'|\\prime|\^\{?\\prime\}?)(?:\s*(\d+)\s*(?:''|"|\^\{?\\prime\s*\\prime\}?))?/g,
    degrees,
  ],
]

const apply = (text: string, steps: readonly Step[]) =>
  steps.reduce((found, [pattern, put]) => found.replace(pattern, put as string), text)

export const written = (text: string): string =>
  apply(withCommands(text), [...layout, ...numbers, ...angles])
    .replace(/[\s.;,!]+$/, '')
    .trim()

/** How many values a list has, that is not in brackets but for those of a set. */
export function partsOf(text: string): number {
  const inside = /^\\?\{([\s\S]*?)\\?\}$/.exec(text)?.[1] ?? text
  let depth = 0
  let count = 1
  for (const [sign] of inside.matchAll(/\\.|[^\\]/gs)) {
    if (/[([{]/.test(sign)) depth++
    else if (/[)\]}]/.test(sign)) depth--
    else if (sign === ',' && depth === 0) count++
  }
  return count
}

export const isScientific = (text: string) => /^-?\d+(?:\.\d*)?e[-+]?\d+$/i.test(text)
