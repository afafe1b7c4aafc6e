/**
 * Rewrites an answer into a form that math-verify reads as the same: numbers in groups or in
 * e-notation, mixed numbers, ordinals, degrees. References follow the same rules. Units are in
 * measure.ts, answers that are not expressions in forms.ts.
 */
import { withCommands } from './signs.ts'

type Step = [RegExp, string | ((...found: string[]) => string)]

const layout: Step[] = [
  [/\\num\s*\{([^{}]*)\}/g, '$1'],
  [/\\ang\s*\{([^{}]*)\}/g, '$1^{\\circ}'],
  [/\\(?:SI|qty)\s*\{([^{}]*)\}\s*\{([^{}]*)\}/g, '$1 \\text{$2}'],
  [/\\{3,}(?=[\s\d-])/g, '\\\\'],
  [/^\s*(?:\*\*|__|`)([^*`]+)(?:\*\*|__|`)\s*$/, '$1'],
  [/\\(?:displaystyle|textstyle|limits|nolimits|[bB]igg?[lrm]?(?![a-z]))/g, ''],
  [/\\(?:mathbf|boldsymbol|bm|textbf|mathit|mathsf|ensuremath)\s*\{([^{}]*)\}/g, '$1'],
  [/\\(?:begin|end)\{(?:aligned|align\*?|gathered|split|equation\*?)\}/g, ''],
  [/\bnp\.(?=[a-z])/g, '\\'],
  [/\\varnothing/g, '\\emptyset'],
  [/\\phantom\{[^{}]*\}|\\hspace\*?\{[^{}]*\}/g, ' '],
  [/(?<!\\)\\(?:(?:thinspace|medspace|thickspace|enspace|q?quad)(?![a-z])|[,:;> ])|~/g, '\u2009'],
  [/,\s*\\!\s*/g, '{,}'],
  [/\\!\s*/g, ''],
  [/^([^$]*)(?<!\\)\$([^$]*)$/, '$1\\$$$2'],
  [/(?<!\\)\$/g, ''],
  [/\\[()]|^\\\[|\\\]$/g, ''],
  [/\\(le|ge)qslant/g, '\\$1'],
  [/<=/g, '\\le '],
  [/>=/g, '\\ge '],
  [/^\s*(?:\\approx|\\sim(?![a-z])|approximately|about)\s*/i, ''],
  [/\\approx(?![a-z])/g, '='],
  [/^\\text\{[^{}]*(?:\bis|:|=)\s*\}(?=.)/, ''],
  [/_\s*\{?\s*\\(?:text|mathrm|textrm|rm)\s*\{([^{}]*)\}\s*\}?/g, '_{$1}'],
  [/_\s*\{\s*\\(max|min)\s*\}/g, '_{$1}'],
  // `E_1` would be read as Euler's number.
  [/(?<![a-zA-Z\\])E(?=_)/g, '\\Xi'],
  [/(?<![a-zA-Z\\])e(?=_)/g, '\\xi'],
  [/^[a-z]\s*(?=\([^()[\]]*,[^()[\]]*\]$|\[[^()[\]]*,[^()[\]]*[)\]]$)/, ''],
  // `2x+-3` contains a negative number.
  [/\+\/-|(?<=^|\s)\+-(?=[\s\d\\])/g, '\\pm '],
  [/(?<![a-z\\])pi(?![a-z])/gi, '\\pi '],
  [/([)\]])\s*(?:U|\\bigcup)\s*([([])/g, '$1\\cup $2'],
  [/(?<![a-z\\])(?:infinity|infty|infin)(?![a-z])/gi, '\\infty '],
]

/** Groups of three digits. A comma with a plain space after it separates two numbers. */
const groups =
  /(?<![\d.,\u2009])(\d{1,3})((?:(?:\u2009|,\u2009?|\{,\}|')\d{3})+)(?![\d\u2009]|[,']\d|\{,\})/g
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
  [/(?<![\d./^_{\\])(\d+)\s+(?:and\s+)?(\d+)\s*\/\s*(\d+)(?![\d.])/g, mixed],
  [/(?<![\d./^_{\\])(\d+)\s*(?:and\s+)?\\[dtc]?frac\s*(\d)\s*(\d)(?!\d)/g, mixed],
  // math-verify would add them up.
  [/(?<!frac\s?|[_^])(\d)\s+(?=\d)/g, '$1, '],
]

/** A whole number before a proper fraction: `11 5/6`. Anything else stays. */
function mixed(found = '', whole = '', top = '', bottom = ''): string {
  return Number(top) < Number(bottom) ? `${whole}\\frac{${top}}{${bottom}}` : found
}

/** `18^\circ 26' 6''` in degrees, as one fraction. */
function degrees(_: string, whole: string, minutes = '', seconds = ''): string {
  const parts = Number(whole) * 3600 + Number(minutes) * 60 + Number(seconds || 0)
  return `\\frac{${parts}}{3600}^{\\circ}`
}

const angles: Step[] = [
  [
    /°|\\degrees?(?![a-z])|\^\s*\\circ(?![a-z])|\^\s*\{\s*\\circ\s*\}|(?<=\d)\^\s*\{?\s*(?:\\text\{\s*o\s*\}|o(?![a-z]))\s*\}?/g,
    '^{\\circ}',
  ],
  [
    /(?<![\d.])(\d+)\s*\^\{\\circ\}\s*(\d+)\s*(?:'|\\prime|\^\{?\\prime\}?)(?:\s*(\d+)\s*(?:''|"|\^\{?\\prime\s*\\prime\}?))?/g,
    degrees,
  ],
]

const apply = (text: string, steps: readonly Step[]) =>
  steps.reduce((found, [pattern, put]) => found.replace(pattern, put as string), text)

/** The values of a list without brackets, or of a set. */
export function valuesOf(text: string): string[] {
  const inside = /^\\?\{([\s\S]*?)\\?\}$/.exec(text)?.[1] ?? text
  const values = ['']
  let depth = 0
  for (const [sign] of inside.matchAll(/\\.|[^\\]/gs)) {
    if (/[([{]/.test(sign)) depth++
    else if (/[)\]}]/.test(sign)) depth--
    if (sign === ',' && depth === 0) values.push('')
    else values[values.length - 1] += sign
  }
  return values
}

/** Splits `a \pm b` among several values into two, which math-verify does only for a single one. */
function withoutSigns(text: string): string {
  const values = valuesOf(text).flatMap(value =>
    value.split('\\pm').length === 2
      ? [value.replace('\\pm', '+'), value.replace('\\pm', '-')]
      : [value],
  )
  return text.includes('\\pm') && values.length > 1 ? values.join(', ') : text
}

export const written = (text: string): string =>
  withoutSigns(
    apply(withCommands(text), [...layout, ...numbers, ...angles])
      .replace(/[\s.;,]+$/, '')
      .trim(),
  )

export const isScientific = (text: string) => /^-?\d+(?:\.\d*)?e[-+]?\d+$/i.test(text)
