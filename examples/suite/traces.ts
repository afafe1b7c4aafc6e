/**
 * Twenty small programs of our own, in a file of JSON lines. A model is asked for each output. An
 * answer is right if it is the same Python value in any form.
 */
import { readFileSync } from 'node:fs'
import type { Benchmark } from 'azr/benchmark'

type Trace = { id: string; program: string; input: string; output: string }

const file = new URL('./traces.jsonl', import.meta.url)

/** The text after the answer's mark, in either dialect, without a fence around it. */
function answerIn(completion: string): string | null {
  const [, answer] = /(?:<answer>|<A>)([\s\S]*?)(?:<\/answer>|$)/.exec(completion) ?? []
  return answer?.replace(/^\s*`{3}\w*\n|`{3}\s*$/g, '').trim() || null
}

export default {
  name: 'traces',
  about: 'outputs of twenty small programs',
  kind: 'deduction',

  items: () =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Trace),

  prompt({ program, input }, { name, frame }) {
    // The embedded model knows no words: it has one token for each of these marks.
    if (name === 'micro') return frame(`<D>${program}<I>${input}<S>`)
    return frame(`What does f(${input}) give? Answer with a Python literal.\n\n${program}`)
  },

  async grade({ output }, completion, { sandbox, signal }) {
    const extracted = answerIn(completion)
    if (extracted === null) return { verdict: 'malformed', extracted, detail: 'no answer' }
    const answer = await sandbox.readLiteral(extracted, signal)
    if (!answer.ok) return { verdict: 'malformed', extracted, detail: answer.error }
    const wanted = await sandbox.readLiteral(output, signal)
    const isRight = wanted.ok && answer.canonical === wanted.canonical
    return isRight
      ? { verdict: 'correct', extracted, detail: null }
      : { verdict: 'wrong', extracted, detail: `it gives ${output}` }
  },
} satisfies Benchmark<Trace>
