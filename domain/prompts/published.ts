/**
 * Reads what the published code accepts (its `parse_code_input_output`, `extract_input_output`,
 * `parse_inputs_message` and `parse_code_function`). It also reads two forms that the published
 * code misses by an oversight: a fence that is not closed, and a call with brackets in it.
 * test/fixtures/reading.json has the texts on which both were compared.
 */
import { accept, type Parsed, type Reader, refuse } from './reading.ts'

/** The text between two fences, including the tag. The first fence opens, the next closes. */
const anyFence = /```([\s\S]*?)```/g
const foreign = /^(?:input|output|message)/i
const language = /^(?:python3?|py)\b/i
const definition = /^\s*def\s+(\w+)\s*\(/gm

const withoutTag = (body: string) => body.replace(language, '').trim()

/** Fences with this tag. The content may follow the tag without a space. */
function tagged(text: string, tag: string): string[] {
  const pattern = new RegExp(`\`\`\`${tag}([\\s\\S]*?)\`\`\``, 'gi')
  return [...text.matchAll(pattern)].map(match => (match[1] as string).trim())
}

/** The text after a heading such as `# Input:`, up to a fence or the end. */
function headed(text: string, word: string): string | undefined {
  const pattern = new RegExp(`# ${word}:([\\s\\S]*?)(?=\\n\`\`\`|$)`, 'gi')
  return [...text.matchAll(pattern)].at(-1)?.[1]?.trim()
}

/** `output(…)`, up to the bracket that closes it, or the first closing bracket if none does. */
function called(text: string, word: string): string | undefined {
  const call = [...text.matchAll(new RegExp(`${word}\\s*\\(`, 'gi'))]
    .reverse()
    .find(({ index }) => text.includes(')', index))
  if (!call) return undefined
  const from = call.index + call[0].length
  let depth = 1
  for (let at = from; at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')' && --depth === 0) return text.slice(from, at).trim()
  }
  return text.slice(from, text.indexOf(')', from)).trim()
}

function inTag(text: string, tag: string): string | undefined {
  const at = text.toLowerCase().lastIndexOf(`<${tag}>`)
  if (at < 0) return undefined
  const rest = text.slice(at + tag.length + 2)
  return (rest.split(new RegExp(`</${tag}>`, 'i'))[0] as string).trim()
}

function inSentence(text: string, word: string): string | undefined {
  const found = new RegExp(`the ${word} is`, 'i').exec(text)
  return found
    ? text
        .slice(found.index + found[0].length)
        .replace(/\.?\s*$/, '')
        .trim()
    : undefined
}

/** The whole answer, without the marks around it. */
function bare(text: string): string {
  const last = [...text.matchAll(anyFence)].at(-1)?.[1]
  const inner = last ?? text.split('```').at(-1) ?? text
  const isFenced = last !== undefined || text.includes('```')
  const content = isFenced ? inner.replace(/^[a-z]\w*[ \t]*\r?\n/i, '') : inner
  return content
    .trim()
    .replace(/^`(.*)`$/s, '$1')
    .trim()
}

function value(text: string, tag: 'input' | 'output'): Parsed<string> {
  const fenced = tagged(text, tag).at(-1)
  const found =
    fenced ??
    headed(text, tag) ??
    called(text, tag) ??
    inTag(text, tag) ??
    inSentence(text, tag) ??
    bare(text)
  return accept(found)
}

/** Renames to `f` the only function, or the last of several if none is `f`. */
function renamed(program: string): Parsed<string> {
  const names = [...program.matchAll(definition)].map(match => match[1] as string)
  const last = names.at(-1)
  if (last === undefined) return refuse('no function')
  if (names.includes('f')) return accept(program)
  return accept(program.replace(new RegExp(`(?<![.\\w])${last}(?=\\s*\\()`, 'g'), 'f'))
}

function program(text: string): Parsed<string> {
  const bodies = [...text.matchAll(anyFence)].map(match => match[1] as string)
  const code = bodies.find(body => !foreign.test(body))
  return code === undefined ? refuse('no code fence') : renamed(withoutTag(code))
}

/** Fences that may hold the program: with a program's tag, or with a function in them. */
function programs(text: string): string[] {
  const bodies = [...text.matchAll(anyFence)].map(match => match[1] as string)
  const isProgram = (body: string) => language.test(body) || functionsIn(body) > 0
  return bodies.filter(body => !foreign.test(body) && isProgram(body)).map(withoutTag)
}

function code(text: string): Parsed<string> {
  const last = [...text.matchAll(anyFence)].at(-1)?.[1]
  return last === undefined ? refuse('no answer') : accept(withoutTag(last))
}

function message(text: string): Parsed<string> {
  const found =
    tagged(text, 'message')[0] ??
    (/<\/message>/i.test(text) ? inTag(text, 'message') : undefined) ??
    headed(text, 'message')
  return found === undefined ? refuse('no message') : accept(found)
}

export const published: Reader = {
  program,
  input(text) {
    const found = tagged(text, 'input')[0] ?? headed(text, 'input')
    return found === undefined ? refuse('no input fence') : accept(found)
  },
  inputs: text => tagged(text, 'input'),
  message,
  programs,
  messages: text => tagged(text, 'message'),
  value,
  code,
}

/** Functions and methods that a program defines, counted as the published code does. */
export const functionsIn = (program: string) => [...program.matchAll(definition)].length
