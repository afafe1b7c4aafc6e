/**
 * Where in a completion code may be: in its fences, the last one first, or in the text itself.
 * Which of it is a whole program, choose.py finds out: that takes Python's own parser.
 */
import { answerBlock, withoutThoughts } from './extract.ts'

type Fence = { tag: string; body: string }

const opening = /^((?:[ \t]|>|[-*+]|\d+[.)])*)(`{3,}|~{3,})[ \t]*([^`\n]*)$/
/** From the first mark of a row on alone: a row may be as long as an answer. */
const inline = /(?<!`)(`{3,})[ \t]*(?:python|py)\d?[ \t]*$/i
/** `python`, `{.python}`, `Python title="a"`: the word. */
const tagOf = (info: string) => /[a-z][\w+-]*/i.exec(info)?.[0].toLowerCase() ?? ''

/** A line of a fence, without what a list or a quotation puts before it. */
function inner(line: string, before: string): string {
  const bare = before.includes('>') ? line.replace(/^[ \t]*(?:>[ \t]?)+/, '') : line
  const indent = before.replaceAll('>', '').length
  return bare.slice(Math.min(indent, /^[ \t]*/.exec(bare)?.[0].length ?? 0))
}

/**
 * The place of the line that closes a fence, or -1: one outside of the long strings of Python, as a
 * docstring may show a fence, else the first one.
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

/** In order; one that nothing closes ends with the text. */
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
      // A mark at the end of the last line of code closes it as well.
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

/** What a model wrote in its turn, outside of thoughts. */
function clean(completion: string): string {
  const text = completion.replace(/\r\n?/g, '\n').replace(/^\uFEFF/gm, '')
  const outside = withoutThoughts(text.replace(begins, ''))
  const end = ends.exec(outside)
  return end && outside.slice(0, end.index).trim() !== '' ? outside.slice(0, end.index) : outside
}

const isPython = ({ tag }: Fence) => /^(?:i?python\d?|py\d?)$/.test(tag)

/**
 * Bodies of fences, the likeliest first: those of Python before others, later ones before earlier.
 */
function bodiesIn(text: string): string[] {
  const fences = fencesIn(text).reverse()
  const ranks = [isPython, ({ tag }: Fence) => tag === '', () => true]
  return [...new Set(ranks.flatMap(is => fences.filter(is)))].map(({ body }) => body)
}

/** All that may hold a function, the likeliest first, the text as it stands last. */
export function codeTexts(completion: string): string[] {
  const text = clean(completion)
  const block = answerBlock(text)
  const inBlock = block === text ? [] : [...bodiesIn(block), block]
  return [...new Set([...inBlock, ...bodiesIn(text), text])]
}

const statement =
  /^(?:import \w|from [\w.]+ import |def \w|class \w|(?:for|while|if) .*:|print\(|[a-z_][\w, ]*=[^=])/im

/**
 * A text with one mark of a fence alone: it closes what stands before it, or opens what follows.
 */
function withoutMark(text: string): string {
  const marks = [...text.matchAll(/^[ \t]*(?:`{3,}|~{3,})(.*)(?:\n|$)/gm)]
  const [mark] = marks
  if (!mark || marks.length > 1 || mark[1]?.trim() !== '') return text
  const [before, after] = [text.slice(0, mark.index), text.slice(mark.index + mark[0].length)]
  return statement.test(after) || before.trim() === '' ? after : before
}

/** A whole program: the last fence of Python, else the last one, else the text itself. */
export function programOf(completion: string): string {
  const texts = codeTexts(completion)
  const text = texts.at(-1) as string
  const bare = withoutMark(text)
  return bare !== text ? bare : (texts.find(one => one.trim() !== '') ?? '')
}
