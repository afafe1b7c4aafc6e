import { expect, test } from 'vitest'
import { createEncoder } from '../../src/engine/encoder.ts'
import type { Http } from '../../src/engine/http.ts'

/** A tokenizer of letters. `start` is put before every prompt. */
function encoderWith(start: string) {
  const codes = (text: string) => Array.from(text, letter => letter.charCodeAt(0))
  const post = async (path: string, body: unknown) => {
    const asked = body as {
      prompt?: string
      tokens?: number[]
      messages?: { role: string; content: string }[]
    }
    if (path === '/detokenize') return { prompt: String.fromCharCode(...(asked.tokens ?? [])) }
    const chat = asked.messages?.map(({ role, content }) => `[${role}]${content}[model]`).join('')
    return { tokens: codes(start + (chat ?? asked.prompt)) }
  }
  return createEncoder({ post } as unknown as Http)
}

test('a text gives its ids, after those that the tokenizer adds', async () => {
  expect(await encoderWith('').encode('ab')).toEqual(Int32Array.of(97, 98))
  expect(await encoderWith('^').encode('ab')).toEqual(Int32Array.of(94, 97, 98))
})

test.each(['', '^'])('the chat text of a question leaves out the initial %j', async start => {
  expect(await encoderWith(start).chat('why?')).toBe('[user]why?[model]')
})
