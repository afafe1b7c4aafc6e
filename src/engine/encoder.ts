/** Uses a server's tokenizer: the ids of a text, and a question in the model's chat template. */
import type { Http } from './http.ts'
import type { Sampler } from './types.ts'

/** The server's base model. Its adapters share its tokenizer. */
const model = 'policy'

export function createEncoder(http: Http): Pick<Sampler, 'encode' | 'chat'> {
  const tokensOf = async (asked: object, signal?: AbortSignal) =>
    (await http.post('/tokenize', { model, ...asked }, { signal })) as {
      tokens: number[]
    }
  const textOf = async (tokens: number[], signal?: AbortSignal) => {
    const body = { model, tokens }
    return ((await http.post('/detokenize', body, { signal })) as { prompt: string }).prompt
  }
  return {
    async chat(question, signal) {
      const messages = [{ role: 'user', content: question }]
      const { tokens } = await tokensOf({ messages, add_generation_prompt: true }, signal)
      const [text, { tokens: start }] = await Promise.all([
        textOf(tokens, signal),
        tokensOf({ prompt: '' }, signal),
      ])
      // Decodes the tokens that the tokenizer puts before every prompt.
      const first = start.length > 0 ? await textOf(start, signal) : ''
      return text.startsWith(first) ? text.slice(first.length) : text
    },
    async encode(text, signal) {
      return Int32Array.from((await tokensOf({ prompt: text }, signal)).tokens)
    },
  }
}
