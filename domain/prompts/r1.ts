/**
 * The form for real language models: a think block, then an answer block. The prompt ends inside
 * the think block. The `reading` knobs say how blocks and fences are read.
 */
import type { ReadingSettings } from '../settings.ts'
import type { Form } from './dialect.ts'
import { functionsIn, published } from './published.ts'
import { accept, type Parsed, refuse, strict } from './reading.ts'

/** `tag` names the block of thoughts. `more` is put before the question. */
export const frame = (task: string, tag = 'think', more = '') =>
  `The following is a dialogue between a user and an assistant. The assistant first thinks the ` +
  `matter through in private and then answers. Its reasoning stands between <${tag}> and </${tag}>, ` +
  `its answer between <answer> and </answer>, like this: <${tag}> the reasoning </${tag}> ` +
  `<answer> the answer </answer>.${more}\nUser: ${task}\nAssistant: <${tag}>`

/** The response continues the prompt's `<think>`: both blocks, with only blanks between them. */
const blocksOf = (tag: string) =>
  new RegExp(`^[\\s\\S]*?</${tag}>\\s*<answer>([\\s\\S]*?)</answer>`)
const noBlocks = refuse('no think and answer blocks')
const end = '</answer>'

/**
 * The first answer block, after one thought that mentions no block. The end of the text closes it.
 */
function strictBlock(given: string, { think }: ReadingSettings): Parsed<string> {
  const text = given.includes('<answer>') && !given.includes(end) ? `${given}${end}` : given
  const match = blocksOf(think).exec(text)
  const thought = text.slice(0, text.indexOf(`</${think}>`))
  if (!match || thought.includes(`<${think}>`) || thought.includes('<answer>')) return noBlocks
  return accept((match[1] as string).trim())
}

/** The text after the last `<answer>`, if the text has both blocks anywhere. */
function publishedBlock(text: string, { gate, think }: ReadingSettings): Parsed<string> {
  if (gate && !blocksOf(think).test(text)) return noBlocks
  const at = text.lastIndexOf('<answer>')
  if (at < 0) return accept('')
  return accept((text.slice(at + '<answer>'.length).split(end)[0] as string).trim())
}

export function createR1(reading: ReadingSettings): Form {
  const isStrict = reading.rules === 'strict'
  const read = isStrict ? strictBlock : publishedBlock
  const open = (text: string) => read(text, reading)
  const reader = isStrict ? strict : published
  return {
    name: 'r1',
    // A stop text must not occur in Python code. `User:` did, in `class User:`.
    stop: reading.stop ? [end] : [],
    // Shows whether an answer ended with its end tag or without it.
    keepsStop: true,
    frame: task => frame(task, reading.think),
    openProposal: open,
    openAnswer: open,
    reader: reading.functions === 'any' ? reader : { ...reader, program: onlyOne(reader.program) },
    openings: {},
    isForgiving: !isStrict,
    hasScratch: text => new RegExp(`\\S[\\s\\S]*</${reading.think}>`).test(text),
  }
}

/** Refuses a program with several functions, including methods and nested ones. */
function onlyOne(read: (text: string) => Parsed<string>) {
  return (text: string): Parsed<string> => {
    const found = read(text)
    if (!found.ok || functionsIn(found.value) < 2) return found
    return refuse('more than one function')
  }
}
