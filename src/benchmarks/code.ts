/**
 * Finds the places where a completion may have code: its fences, the last one first, or the text
 * itself. choose.py then finds the whole programs with Python's own parser.
 */
import { answerBlock, withoutThoughts } from './extract.ts'

type Fence = { tag: string; body: string }

const opening = /^((?:[ \t]|>|[-*+]|\d+[.)])*)(`{3,}|~{3,})[ \t]*([^`\n]*)$/
/** Matches only the first mark in a row: a row may be as long as an answer. */
const inline = /(?<!`)(`{3,})[ \t]*(?:python|py)\d?[ \t]*$/i
/** The language word of `python`, `{.python}`, `Python title="a"`. */
const tagOf = (info: string) => /[a-z][\w+-]*/i.exec(info)?.[0].toLowerCase() ?? ''

/** A line in a fence, without the prefix of a list or a quotation. */
function inner(line: string, before: string): string {
  const bare = before.includes('>') ? line.replace(/^[ \t]*(?:>[ \t]?)+/, '') : line
  const indent = before.replaceAll('>', '').length
  return bare.slice(Math.min(indent, /^[ \t]*/.exec(bare)?.[0].length ?? 0))
}

/**
 * The line that closes a fence, or -1. Prefers one outside of Python's long strings, because a
 * docstring may show a fence.
 */
function closing(lines: readonly string[], from: number, mark: string): number {
  const pattern = new RegExp(`^[ \\t>]*${mark[0]}{${mark.length},}[ \\t]*$`)
  let [first, isInString] = [-1, false]
  for (let at = from; at < lines.length; at++) {
    const line = lines[at] as string
    if (pattern.test(line)) {
      if (!isInString) return at
      if (first < 0) first = at
    }
    if ((line.match(/"""|'''/g)?.length ?? 0) % 2 === 1) isInString = !isInString
  }
  return first
}

/** All fences in order. An open fence ends with the text. */
export function fencesIn(text: string): Fence[] {
  const lines = text.split('\n')
  const fences: Fence[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string
    const [, before = '', mark, info = ''] = opening.exec(line) ?? []
    const given = mark ?? inline.exec(line)?.[1]
    if (!given) continue
    const end = closing(lines, at + 1, given)
    const body = lines
      .slice(at + 1, end < 0 ? undefined : end)
      .map(one => `${inner(one, before)}\n`)
    const code = body.join('')
    fences.push({
      tag: mark ? tagOf(info) : 'python',
      // A mark at the end of the last line of code closes the fence too.
      body: end < 0 ? code.replace(/(?<!`)`{3,}\s*$/, '\n') : code,
    })
    at = end < 0 ? lines.length : end
  }
  return fences
}

const ends =
  /<\|(?:im_end|endoftext|eot_id|eom_id|end|end_of_text|EOT|eos|return)\|>|<｜end▁of▁sentence｜>|<\/s>|<end_of_turn>|<eos>/
const begins =
  /^\s*(?:<\|im_start\|>assistant\n|<\|begin_of_text\|>|<｜begin▁of▁sentence｜>|<s>|<bos>)/

/** The text of the model's turn, without thoughts. */
function clean(completion: string): string {
  const text = completion.replace(/\r\n?/g, '\n').replace(/^\uFEFF/gm, '')
  const outside = withoutThoughts(text.replace(begins, ''))
  const end = ends.exec(outside)
  return end && outside.slice(0, end.index).trim() !== '' ? outside.slice(0, end.index) : outside
}

const isPython = ({ tag }: Fence) => /^(?:i?python\d?|py\d?)$/.test(tag)

/** Bodies of fences, the likeliest first: Python before others, later before earlier. */
function bodiesIn(text: string): string[] {
  const fences = fencesIn(text).reverse()
  const ranks = [isPython, ({ tag }: Fence) => tag === '', () => true]
  return [...new Set(ranks.flatMap(is => fences.filter(is)))].map(({ body }) => body)
}

/** All texts that may hold a function, the likeliest first, the whole text last. */
export function codeTexts(completion: string): string[] {
  const text = clean(completion)
  const block = answerBlock(text)
  const inBlock = block === text ? [] : [...bodiesIn(block), block]
  return [...new Set([...inBlock, ...bodiesIn(text), text])]
}

const statement =
  /^(?:import \w|from [\w.]+ import |def \w|class \w|(?:for|while|if) .*:|print\(|[a-z_][\w, ]*=[^=])/im

/**
 * Handles a text with a single fence mark: it may close the text before it or open the text after
 * it.
 */
function withoutMark(text: string): string {
  const marks = [...text.matchAll(/^[ \t]*(?:`{3,}|~{3,})(.*)(?:\n|$)/gm)]
  const [mark] = marks
  if (!mark || marks.length > 1 || mark[1]?.trim() !== '') return text
  const [before, after] = [text.slice(0, mark.index), text.slice(mark.index + mark[0].length)]
  return statement.test(after) || before.trim() === '' ? after : before
}

/** A whole program: the last Python fence, or the last fence, or the text itself. */
export function programOf(completion: string): string {
  const texts = codeTexts(completion)
  const text = texts.at(-1) as string
  const bare = withoutMark(text)
  return bare !== text ? bare : (texts.find(one => one.trim() !== '') ?? '')
}
