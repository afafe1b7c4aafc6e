/**
 * Answers that are not expressions: a number with its base, a time of day, words. Each function
 * says whether two are the same, or null if the reference has another form.
 */
import { withCommands } from './signs.ts'
import { written } from './written.ts'

const figures =
  'two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen'.split(
    ' ',
  )

const unwrapped = (text: string) =>
  withCommands(text)
    .replace(/\\(?:text|textbf|textit|textrm|mathrm|mathbf|mbox|rm)\s*\{([^{}]*)\}/g, '$1')
    .replace(/\\left|\\right|\\[,;:! ]/g, '')

type Based = { digits: string; base: number }

/** `52_8`, `(52)_{8}`, `52 \text{ (base eight)}`. */
export function based(text: string): Based | null {
  const bare = unwrapped(text).replace(/[\s$]/g, '')
  const found =
    /^\(?([\dA-Fa-f.]+)\)?(?:_\{?\(?([a-z]+|\d+)\)?\}?|\(?(?:in)?base-?_?\{?(\w+?)\}?\)?)$/.exec(
      bare,
    )
  if (!found || !/\d/.test(found[1] as string)) return null
  const [, digits = '', below, named] = found
  const base = (below ?? named ?? '').toLowerCase()
  const value = figures.includes(base) ? figures.indexOf(base) + 2 : Number(base)
  return Number.isInteger(value) && value > 1 ? { digits: digits.toUpperCase(), base: value } : null
}

/** The base was asked for, so an equal value in another base is a different answer. */
function isSameBased(reference: string, answer: string): boolean | null {
  const [one, two] = [based(reference), based(answer)]
  if (one && two) return one.digits === two.digits && one.base === two.base
  if (one) return unwrapped(answer).replace(/\s/g, '').toUpperCase() === one.digits
  // A number in another base is not a decimal number.
  return two && two.base !== 10 && /^-?[\d.]+$/.test(reference) ? false : null
}

/** Minutes since midnight; two possibilities if neither am nor pm is named. */
function minutesOf(text: string): number[] | null {
  const bare = unwrapped(text)
    .replace(/[.\s$]/g, '')
    .toLowerCase()
  const [, hour, minute = '0', half] = /^(\d{1,2})(?::(\d\d))?([ap]m)?$/.exec(bare) ?? []
  if (hour === undefined || (!half && !bare.includes(':'))) return null
  const [hours, minutes] = [Number(hour), Number(minute)]
  if (hours > (half ? 12 : 24) || minutes > 59) return null
  const at = (hours % (half || hours === 12 ? 12 : 24)) * 60 + minutes
  if (half) return [at + (half === 'pm' ? 720 : 0)]
  return hours > 12 || hours === 0 ? [at] : [at, at + 720]
}

/** Without am or pm it may be a ratio. Equal texts are the same; others may still be equal. */
function isSameTime(reference: string, answer: string): boolean | null {
  const [one, two] = [minutesOf(reference), minutesOf(answer)]
  if (!one || !two) return null
  const isSame = one.some(minutes => two.includes(minutes))
  return isSame || one.length === 1 || two.length === 1 ? isSame : null
}

const wordsOf = (text: string) =>
  unwrapped(text)
    .replace(/^[\s"'.*]+|[\s"'.*]+$/g, '')
    .replace(/^\(([a-z])\)$/i, '$1')
    .replace(/^(?:an?|the)\s+/i, '')
    .replace(/\s+/g, ' ')
    .toLowerCase()

/** As a formula, a word would be a product of its letters in any order. */
function isSameWords(reference: string, answer: string): boolean | null {
  const isWords = /^\\(?:text|mathrm|textbf|mbox)\{[^{}]*[a-z][^{}]*\}\.?$/i.test(reference)
  const isShort = /^[A-Z]{3,}$/.test(reference) && /^[A-Z]+$/.test(unwrapped(answer))
  return isWords || isShort ? wordsOf(reference) === wordsOf(answer) : null
}

export const isSameForm = (reference: string, answer: string): boolean | null =>
  isSameBased(reference, answer) ?? isSameTime(reference, answer) ?? isSameWords(reference, answer)

const compact = (text: string) => {
  const bare = unwrapped(text)
    .replace(/\\[dt]frac/g, '\\frac')
    .replace(/(\d)\s+(?=\d)/g, '$1_')
    .replace(/[\s$]|\.$/g, '')
  return /^(?:[a-z]{2,}|\([a-z]\))$/i.test(bare) ? bare.toLowerCase() : bare
}

/** The same words and signs with any spacing: right without algebra. */
export const isSameText = (one: string, two: string): boolean =>
  [String, written].some(read => {
    const text = compact(read(one))
    return text !== '' && text === compact(read(two))
  })
