/** Looks up the texts of token ids for display, in the model's tokenizer.json. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { locate } from '../config/paths.ts'

type Tokenizer = {
  model: { type: string; vocab: Record<string, number> }
  added_tokens?: { id: number; content: string }[]
}

const known = new Map<string, string[] | null>()

/** Byte-level vocabularies write a space and a line end as visible letters. */
const seen = (token: string) => token.replaceAll('Ġ', ' ').replaceAll('Ċ', '\n')

function read(folder: string): string[] | null {
  try {
    const path = join(locate(folder), 'tokenizer.json')
    const { model, added_tokens = [] } = JSON.parse(readFileSync(path, 'utf8')) as Tokenizer
    const texts: string[] = []
    const show = model.type === 'BPE' ? seen : (token: string) => token
    for (const [token, id] of Object.entries(model.vocab)) texts[id] = show(token)
    for (const { id, content } of added_tokens) texts[id] = content
    return texts
  } catch {
    // The model was moved or has another tokenizer: ids are shown without texts.
    return null
  }
}

/** Null if the vocabulary cannot be read or lacks one of the ids. */
export function tokensOf(modelFolder: string, ids: number[]): string[] | null {
  if (!known.has(modelFolder)) known.set(modelFolder, read(modelFolder))
  const texts = known.get(modelFolder)
  if (!texts || ids.some(id => texts[id] === undefined)) return null
  return ids.map(id => texts[id] as string)
}
