/** A proposal whose prompt finds no room in the engine is asked with fewer earlier tasks. */
import { expect, test } from 'vitest'
import { PromptTooLong } from '../../../domain/errors.ts'
import { hashText } from '../../../domain/hash.ts'
import { dialects } from '../../../domain/prompts/index.ts'
import type { Task } from '../../../domain/task.ts'
import { configSchema } from '../../../src/config/config.ts'
import type { SamplingRequest } from '../../../src/engine/types.ts'
import { draftProposal } from '../../../src/run/work/propose.ts'
import type { Write } from '../../../state/types.ts'

const config = configSchema.parse({ dialect: 'micro' })
const taskOf = (at: number): Task => {
  const program = `def f(x):\n return x + ${at}`
  const pairs = [{ input: String(at), output: '1', canonical: '1' }]
  return { id: '', kind: 'deduction', program, normalized: program, pairs, message: '', hash: '' }
}
const references = [1, 2, 3].map(taskOf)
const promptOf = (count: number) =>
  dialects.micro.proposerPrompt('deduction', contextOf(references.slice(0, count)))
function contextOf(references: Task[]) {
  return {
    references,
    program: null,
    inputs: 2,
    bannedWords: [],
    timeoutMs: 500,
    maxOutputChars: 100,
    extras: 'refused' as const,
  }
}

async function draftWithin(room: number) {
  const asked: string[] = []
  const written: Write[] = []
  const hashes: string[] = []
  const completeMany = async ({ prompt }: SamplingRequest) => {
    asked.push(String(prompt))
    if (String(prompt).length > room) throw new PromptTooLong('no room')
    const [ids, logprobs] = [new Int32Array(2), new Float32Array(2)]
    return [{ text: 'x', promptIds: ids, ids, logprobs, finishReason: 'stop' as const }]
  }
  const memo = async (table: string, _: string, hash: string, make: () => Promise<unknown>) => {
    const { row, also } = (await make()) as { row: object; also: Write[] }
    hashes.push(hash)
    written.push({ table, row } as Write, ...also)
    return row
  }
  const ports = {
    config,
    dialect: dialects.micro,
    store: { memo: memo as never },
    engine: () => ({ sampler: { completeMany } }),
  }
  const id = '000001.propose.deduction.0000.0'
  const order = { id, attempt: 0, kind: 'deduction', references: [], program: null }
  const proposing = { order, context: contextOf(references), policyVersion: 0 }
  await draftProposal(ports, proposing, new AbortController().signal)
  return { asked, hashes, written }
}

test('the earlier tasks go one by one, the last first, until the prompt fits', async () => {
  const { asked, hashes, written } = await draftWithin(promptOf(1).length)
  expect(asked).toEqual([3, 2, 1].map(promptOf))
  const [rollout, prompt] = written.map(({ row }) => row as Record<string, unknown>)
  expect(rollout?.prompt_hash).toBe(hashText(promptOf(1)))
  expect(prompt?.text).toBe(promptOf(1))
  // What a resumed run looks for is what was asked first.
  expect(hashes).toEqual((await draftWithin(1e6)).hashes)
})

test('one that does not fit without any says what to do', async () => {
  await expect(draftWithin(1)).rejects.toThrow(/--engine\.maxLength=TOKENS/)
})
