/**
 * Uses several running servers as one engine. Each request goes to the server with the fewest open
 * requests. Requests of a lost server go to another with the same seeds. Weights go to all servers,
 * or the load fails.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AzrError, EngineGone, explain, UsageError } from '../../domain/errors.ts'
import { differences, gapOf, tolerances } from '../../domain/parity.ts'
import { createHttp, type Http } from './http.ts'
import { callWorkers } from './load.ts'
import { addUp } from './prefix-cache.ts'
import { engineOver } from './server.ts'
import type { EngineServer, Sampler } from './types.ts'
import { serverEnvironment, serverFlags } from './vllm.ts'
import { watch } from './watch.ts'

export type PoolOptions = {
  urls: string[]
  /** The folder from which they read weights. */
  shared: string
  maxLength: number
  loraRank: number
  concurrency: number
  deadlineMs: number
  silenceMs: number
  /** Called for each server that is lost. */
  onLoss?: (url: string, why: string) => void
}

type Member = ReturnType<typeof engineOver> & { http: Http; isLost: boolean }
/** Removes a server for good, whoever noticed that it is gone. */
type Lose = (member: Member, error: unknown) => void

/** The command that starts a server into which azr can load policies. */
export function serverCommand(options: Pick<PoolOptions, 'maxLength' | 'loraRank'>): string {
  const environment = { ...serverEnvironment, PYTHONPATH: 'AZR/trainer' }
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const flags = serverFlags(options).join(' ')
  return `${variables.join(' ')} vllm serve MODEL ${flags}`
}

type Described = { logprobs?: string; length?: number; rank?: number }

/** Why the server's flags do not suit this run; empty if they do. */
function lacksOf({ logprobs, length = 0, rank = 0 }: Described, options: PoolOptions): string {
  const { maxLength, loraRank } = options
  if (logprobs !== 'processed_logprobs') return `it gives ${logprobs} and not processed_logprobs`
  if (length < maxLength) return `it reads ${length} tokens and engine.maxLength is ${maxLength}`
  if (rank < loraRank) return `it takes adapters up to rank ${rank}, engine.loraRank is ${loraRank}`
  return ''
}

/** Checks that a server has all that we need, before anything begins. */
async function checkMember(http: Http, options: PoolOptions): Promise<void> {
  const command = serverCommand(options)
  const hello = await http.ask('GET', '/azr').catch(error => {
    throw new UsageError(
      'endpoint-unusable',
      `Cannot use endpoint ${http.url}: ${explain(error)}. Start it: ${command}`,
    )
  })
  if (hello.status !== 200) {
    throw new UsageError(
      'endpoint-unusable',
      `Cannot use endpoint ${http.url} as it was not started for azr. Start it: ${command}`,
    )
  }
  const probe = mkdtempSync(join(options.shared, '.probe-'))
  const token = `${process.pid} ${Date.now()}`
  try {
    writeFileSync(join(probe, 'token'), token)
    const path = join(probe, 'token')
    const seen = await callWorkers(http, 'azr_read', { path }).catch(() => [])
    if (seen.length === 0 || seen.some(result => result?.text !== token)) {
      throw new UsageError(
        'endpoint-unusable',
        `Cannot use endpoint ${http.url} as it cannot read ${options.shared}, where azr puts weights: ` +
          'share that folder with it under the same path, or choose another with --home',
      )
    }
  } finally {
    rmSync(probe, { recursive: true, force: true })
  }
  const [described] = await callWorkers(http, 'azr_describe', {})
  const lack = lacksOf(described ?? {}, options)
  if (lack)
    throw new UsageError(
      'endpoint-unusable',
      `Cannot use endpoint ${http.url} as ${lack}. Start it: ${command}`,
    )
}

const allGone = (cause?: unknown) =>
  new EngineGone(
    'endpoints-gone',
    'Cannot sample as no endpoint answers: start them again, then `azr resume RUN`',
    { cause },
  )

function createPoolSampler(members: Member[], lose: Lose): Sampler {
  const open = (member: Member) => member.http.activity().open
  const pick = () => {
    const alive = members.filter(({ isLost }) => !isLost)
    if (alive.length === 0) throw allGone()
    return alive.reduce((best, member) => (open(member) < open(best) ? member : best))
  }
  /** Repeats the request at another server, as long as one is left. */
  const somewhere = async <T>(ask: (sampler: Sampler) => Promise<T>): Promise<T> => {
    for (;;) {
      const member = pick()
      try {
        return await ask(member.sampler)
      } catch (error) {
        if (!(error instanceof EngineGone)) throw error
        lose(member, error)
      }
    }
  }
  return {
    chat: (question, signal) => somewhere(sampler => sampler.chat(question, signal)),
    encode: (text, signal) => somewhere(sampler => sampler.encode(text, signal)),
    complete: (request, signal) => somewhere(sampler => sampler.complete(request, signal)),
    completeMany: (request, count, signal) =>
      somewhere(sampler => sampler.completeMany(request, count, signal)),
    async score(sequences, signal, isBare) {
      // Each server has to hold the weights, so ask each. The largest difference counts.
      const alive = members.filter(({ isLost }) => !isLost)
      const found = await Promise.all(
        alive.map(({ sampler }) => sampler.score(sequences, signal, isBare)),
      )
      const [first = []] = found
      const same = found.every(rows => gapOf(differences(rows, first)).rms <= tolerances.bfloat16)
      if (!same)
        throw new AzrError(
          'endpoints-differ',
          'Cannot use these endpoints together as they hold different weights: restart all with the ' +
            'same model and the same version of vLLM',
        )
      return first
    },
  }
}

/** Rejects with UsageError and the right command if a server does not suit. */
export async function connectPool(
  options: PoolOptions,
  signal?: AbortSignal,
): Promise<EngineServer> {
  const { urls, silenceMs, onLoss = () => {} } = options
  const members = urls.map((url): Member => {
    const http = createHttp({ ...options, url, death: () => null })
    return { ...engineOver(http), http, isLost: false }
  })
  await Promise.all(members.map(({ http }) => checkMember(http, options)))
  const over = new AbortController()
  const alive = () => members.filter(({ isLost }) => !isLost)
  const { promise: gone, reject } = Promise.withResolvers<never>()
  gone.catch(() => {})
  const lose: Lose = (member, error) => {
    if (over.signal.aborted || member.isLost) return
    member.isLost = true
    onLoss(member.http.url, explain(error))
    // The lost server answers no open request. Fail them now, so that others can take them.
    void member.http.close()
    if (alive().length === 0) reject(allGone(error))
  }
  for (const member of members) {
    watch(member.http, { silenceMs, signal: over.signal }).catch(error => lose(member, error))
  }
  const all = async (act: (member: Member) => Promise<void>) => {
    if (alive().length === 0) throw allGone()
    await Promise.all(alive().map(act))
  }
  signal?.throwIfAborted()
  return {
    pids: () => [],
    url: urls[0] ?? '',
    sampler: createPoolSampler(members, lose),
    warm: signal => all(member => member.warm(signal)),
    drain: signal => all(member => member.drain(signal)),
    load: (path, version, signal) => all(member => member.load(path, version, signal)),
    prefixCache: async signal =>
      addUp(await Promise.all(alive().map(member => member.prefixCache(signal)))),
    sleep: signal => all(member => member.sleep(signal)),
    gone,
    async stop() {
      over.abort()
      await Promise.all(members.map(({ http }) => http.close()))
    },
  }
}
