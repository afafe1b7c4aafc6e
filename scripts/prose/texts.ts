/**
 * Finds the prose in our files: paragraphs of Markdown, comments of TypeScript and Python, and
 * texts that the TypeScript shows to users. It leaves out code, tables, front matter and links.
 */
import { parseSync } from 'vite'

/** A paragraph or a comment. `line` is where it begins. */
export type Prose = { line: number; text: string; kind: 'markdown' | 'comment' | 'shown' }

const withoutCode = (text: string) =>
  text
    .replace(/`+[^`]*`+/g, 'CODE')
    .replace(/\]\([^)]*\)/g, ']')
    .replace(/<[^>]*>/g, '')

/** Lines that are prose. Others become null, and separate paragraphs. */
function markdownLines(source: string): (string | null)[] {
  let fence = ''
  let isFront = source.startsWith('---\n')
  return source.split('\n').map((line, i) => {
    const [mark = ''] = /^\s*(```+|~~~+)/.exec(line) ?? []
    if (isFront) {
      if (i > 0 && line === '---') isFront = false
      return null
    }
    if (fence !== '') {
      if (mark.trim().startsWith(fence)) fence = ''
      return null
    }
    if (mark !== '') fence = mark.trim()
    const isOther = fence !== '' || /^\s*(\||<|!\[|:::)/.test(line)
    return isOther ? null : line
  })
}

const isBreak = (line: string | null) => line === null || /^\s*(#|$)/.test(line)
const beginsItem = (line: string) => /^\s*([-*+]|\d+\.)\s/.test(line)

export function proseOfMarkdown(source: string): Prose[] {
  const found: Prose[] = []
  let open: Prose | null = null
  markdownLines(source).forEach((line, i) => {
    if (line === null || isBreak(line)) open = null
    else if (open && !beginsItem(line)) open.text += `\n${line}`
    else {
      open = { line: i + 1, text: line, kind: 'markdown' }
      found.push(open)
    }
  })
  return found
}

/** Lines of code that are comments from their first character on. */
const commentLines = (source: string) =>
  source.split('\n').map(line => (/^\s*(?:\/\/|\/\*|\*|#|""")/.test(line) ? line : null))

/** Long lines that are prose: no code, table or link definition, and with a place to break. */
export function longLines(file: string, source: string, most: number): number[] {
  const lines = file.endsWith('.md') ? markdownLines(source) : commentLines(source)
  return lines.flatMap((line, i) => {
    const isLong = line !== null && [...line].length > most && /\s/.test(line.trim().slice(0, most))
    return isLong && !/^\s*\[[^\]]+\]: /.test(line) ? [i + 1] : []
  })
}

const isDirective = (text: string) => /^(biome-ignore|ts-|@|<reference|noqa|ruff|type:)/.test(text)

function proseOfTypeScript(file: string, source: string): Prose[] {
  const found: Prose[] = []
  let last = { end: -1, isLine: false }
  for (const { type, value, start, end } of parseSync(file, source).comments) {
    const text = value.replace(/^\s*\*\s?/gm, '').trim()
    const isLine = type === 'Line'
    const before = found.at(-1)
    const isNext = /^\n[ \t]*$/.test(source.slice(last.end, start))
    if (isLine && last.isLine && isNext && before) before.text += `\n${text}`
    else found.push({ line: source.slice(0, start).split('\n').length, text, kind: 'comment' })
    last = { end, isLine }
  }
  return found.filter(({ text }) => !isDirective(text))
}

/** Rooms whose texts users see: help, errors, alarms, descriptions of the API, the page. */
const showsTexts = /^(?:actors|state|sandbox|web\/src|domain\/(?:health|trouble)|src)\//

type Node = { type: string; start: number; end: number; value?: unknown }

function* nodesOf(node: unknown): Generator<Node> {
  if (typeof node !== 'object' || node === null) return
  if ('type' in node && 'start' in node) yield node as Node
  for (const part of Object.values(node)) yield* nodesOf(part)
}

/** Texts of four words or more that the code holds, without what is inserted at run time. */
function textsShown(file: string, source: string): Prose[] {
  if (!showsTexts.test(file)) return []
  return [...nodesOf(parseSync(file, source).program)].flatMap(({ type, start, end, value }) => {
    const isText = (type === 'Literal' && typeof value === 'string') || type === 'JSXText'
    if (!isText && type !== 'TemplateLiteral') return []
    const raw = isText ? String(value) : source.slice(start + 1, end - 1)
    const text = raw.replace(/\$\{[^}]*\}/g, '…').trim()
    if (text.split(/\s+/).length < 4) return []
    return [{ line: source.slice(0, start).split('\n').length, text, kind: 'shown' as const }]
  })
}

/** Comments on lines of their own, and docstrings: a string in `"""` that opens a body. */
function proseOfPython(source: string): Prose[] {
  const found: Prose[] = []
  let isDoc = false
  let isString = false
  let wasComment = false
  let opensBody = true
  source.split('\n').forEach((line, i) => {
    const text = line.trim()
    const quotes = line.split('"""').length - 1
    const isComment = !isDoc && !isString && /^#(?!!)/.test(text)
    const begins = !isDoc && !isString && opensBody && /^r?"""/.test(text)
    const plain = text.replace(/^r?"""|"""$|^#\s?/g, '')
    const before = found.at(-1)
    if (before && (isDoc || (isComment && wasComment))) before.text += `\n${plain}`
    else if (isComment || begins) found.push({ line: i + 1, text: plain, kind: 'comment' })
    if (isDoc || begins) isDoc = quotes % 2 === (isDoc ? 0 : 1)
    else if (quotes % 2 === 1) isString = !isString
    wasComment = isComment
    if (text !== '' && !isComment) opensBody = /:(?:\s*#.*)?$/.test(text)
  })
  return found.filter(({ text }) => !isDirective(text))
}

export function proseOf(file: string, source: string): Prose[] {
  if (file.endsWith('.md')) return proseOfMarkdown(source)
  if (file.endsWith('.py')) return proseOfPython(source)
  return [...proseOfTypeScript(file, source), ...textsShown(file, source)]
}

const abbreviation = /(?:\b(?:e\.g|i\.e|etc|vs|cf|No|p|pp|al|approx|incl)|\b[A-Z])\.$/

/** Sentences of a text, with code shortened to one word. Paragraphs and list items end one. */
export function sentencesOf(text: string): string[] {
  return text.split(/\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.)\s)|\n(?=.*\S {2,}\S)/).flatMap(paragraph => {
    const words = withoutCode(paragraph.replace(/\s*\n\s*/g, ' '))
      .trim()
      .split(/ +/)
    const sentences: string[][] = [[]]
    for (const word of words) {
      sentences.at(-1)?.push(word)
      if (/[.!?…]["')\]*_]*$/.test(word) && !abbreviation.test(word)) sentences.push([])
    }
    return sentences.filter(found => found.length > 0).map(found => found.join(' '))
  })
}
