/**
 * A scripted server that behaves like vLLM's development build, including its failures. Pausing
 * queues later requests. An adapter's name is refused the second time. While it sleeps, it cannot
 * be loaded before its weights are awake, nor asked before its keys are. With weights that level 2
 * dropped it answers garbage.
 */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export type Fault =
  | 'hang'
  | 'hang on load'
  | 'refuse reset'
  | 'load 500'
  | 'stale stamp'
  | 'abort'
  | 'no ids'
  | 'no scores'
  | 'raw log-probabilities'
  | 'nearly flat'
  | 'no stamp'
  | 'another disk'
  | 'no such layer'
  | 'will not sleep'
  | 'will not wake'

export type FakeVllm = {
  url: string
  /** Its requests in order; completions as `complete SEED`. */
  log: string[]
  fault: Fault | null
  version: number
  /** The counts of its prefix cache, per engine; none if it does not count. */
  prefixes: { asked: number; cached: number }[]
  /** The settings that its flags gave it. */
  described: { logprobs: string; length: number; rank: number }
  kill: () => void
  close: () => Promise<void>
}

type State = {
  paused: Promise<void> | null
  resume: () => void
  adapters: Set<string>
  asleep: Set<string>
  isDropped: boolean
}
const failed = (message: string) => [500, { error: { message } }] as const

/** Level 2 drops the weights, level 1 keeps them in the machine's memory. */
function sleepOrWake(fake: FakeVllm, state: State, path: string) {
  const { pathname, searchParams } = new URL(path, fake.url)
  if (pathname === '/sleep') {
    if (fake.fault === 'will not sleep') return failed('requests are in flight')
    state.asleep = new Set(['weights', 'kv_cache'])
    state.isDropped = searchParams.get('level') === '2'
  } else {
    if (fake.fault === 'will not wake') return failed('out of memory')
    for (const tag of searchParams.getAll('tags')) state.asleep.delete(tag)
  }
  return [200, {}]
}

async function read(request: IncomingMessage) {
  let text = ''
  for await (const chunk of request) text += chunk
  return text === '' ? {} : JSON.parse(text)
}

/** For two tokens that are nearly equally likely. */
const flat = (temperature: number) => Math.log1p(Math.exp(-0.01 / temperature))

/** Tokens are a function of the seed. At T = 1 each costs 1, at another temperature 1 / T. */
function completion(body: Record<string, unknown>, { fault }: FakeVllm, { isDropped }: State) {
  const { seed = 0, temperature = 1, n = 1, prompt } = body as Record<string, number>
  const promptIds = Array.isArray(prompt) ? prompt : [1, 2, 3]
  const isPlain = temperature === 0 || fault === 'raw log-probabilities'
  const cost = fault === 'nearly flat' ? flat(temperature) : isPlain ? 1 : 1 / temperature
  const choices = Array.from({ length: n }, (_, index) => ({
    index,
    text: isDropped ? 'garbage' : `answer ${seed + index}`,
    token_ids: fault === 'no ids' ? [] : [seed + index, 7],
    prompt_token_ids: promptIds,
    logprobs: { token_logprobs: fault === 'no ids' ? [] : [-cost, -cost] },
    finish_reason: fault === 'abort' ? 'abort' : 'stop',
  }))
  return { model: body.model, choices }
}

function scores({ prompt }: { prompt: number[] }, { fault }: FakeVllm) {
  const logprob = fault === 'nearly flat' ? -flat(1) : -1
  const isNull = (i: number) => i === 0 || fault === 'no scores'
  const known = prompt.map((id, i) => (isNull(i) ? null : { [id]: { logprob } }))
  return {
    choices: [{ text: '', token_ids: [], prompt_token_ids: prompt, prompt_logprobs: known }],
  }
}

function metricsOf({ prefixes }: FakeVllm): string {
  const counted = prefixes.flatMap(({ asked, cached }, i) => [
    `vllm:prefix_cache_queries_total{engine="${i}",model_name="policy"} ${asked}.0`,
    `vllm:prefix_cache_hits_total{engine="${i}",model_name="policy"} ${cached}.0`,
    `vllm:prefix_cache_hits_created{engine="${i}",model_name="policy"} 1.7e+09`,
  ])
  return ['vllm:generation_tokens_total{engine="0"} 5', ...counted, ''].join('\n')
}

async function route(fake: FakeVllm, state: State, path: string, body: Record<string, unknown>) {
  switch (path.split('?')[0]) {
    case '/azr':
      return fake.fault === 'no stamp' ? [404, {}] : [200, { stamp: 1, version: fake.version }]
    case '/health':
      return [200, {}]
    case '/metrics':
      return [200, metricsOf(fake)]
    case '/pause': {
      state.paused = new Promise(resolve => {
        state.resume = resolve
      })
      return [200, { status: 'paused' }]
    }
    case '/resume':
      state.resume()
      state.paused = null
      return [200, { status: 'resumed' }]
    case '/reset_prefix_cache':
      return [200, { success: fake.fault !== 'refuse reset' }]
    case '/sleep':
    case '/wake_up':
      return sleepOrWake(fake, state, path)
    case '/collective_rpc': {
      if (fake.fault === 'hang on load') await sleep(60_000)
      if (fake.fault === 'load 500') return [500, { error: { message: 'shapes differ' } }]
      const { version, path } = body.kwargs as { version: number; path: string }
      if (body.method === 'azr_read') {
        return fake.fault === 'another disk'
          ? [500, { error: { message: 'no such file' } }]
          : [200, { results: [{ text: readFileSync(path, 'utf8') }] }]
      }
      if (body.method === 'azr_check_adapter') {
        return fake.fault === 'no such layer'
          ? [500, { error: { message: `Cannot load ${path} as it fits no layer` } }]
          : [200, { results: [{}] }]
      }
      if (body.method === 'azr_describe') return [200, { results: [fake.described] }]
      if (state.asleep.has('weights')) return failed('the weights are asleep')
      state.isDropped = false
      fake.version = version
      return [200, { results: [{ version }] }]
    }
    case '/v1/load_lora_adapter': {
      if (state.asleep.has('weights')) return failed('the weights are asleep')
      const name = String(body.lora_name)
      if (state.adapters.has(name))
        return [400, { error: { message: `${name} is loaded already` } }]
      state.adapters.add(name)
      return [200, 'Success']
    }
    case '/v1/unload_lora_adapter':
      return state.adapters.delete(String(body.lora_name)) ? [200, 'Success'] : [404, {}]
    case '/v1/completions':
      if (fake.fault === 'hang') await sleep(60_000)
      await state.paused
      if (state.asleep.size > 0) return failed('the engine is asleep')
      return [200, body.echo ? scores(body as never, fake) : completion(body, fake, state)]
    default:
      return [404, {}]
  }
}

function describe(path: string, body: Record<string, unknown>): string {
  if (path === '/v1/completions') return body.echo ? 'score' : `complete ${body.seed}`
  if (path === '/collective_rpc') return String(body.method)
  return body.lora_name ? `${path} ${body.lora_name}` : path
}

export async function startFakeVllm(): Promise<FakeVllm> {
  const state: State = {
    paused: null,
    resume: () => {},
    adapters: new Set<string>(),
    asleep: new Set<string>(),
    isDropped: false,
  }
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? ''
    const body = await read(request)
    if (request.method === 'POST') fake.log.push(describe(path, body))
    const wanted = request.headers['x-azr-policy']
    const isStale = wanted !== undefined && wanted !== String(fake.version)
    const [status, found] = isStale
      ? [409, { error: { message: `policy ${wanted} was asked for, ${fake.version} serves` } }]
      : await route(fake, state, path, body)
    const mark = fake.fault === 'stale stamp' ? fake.version - 1 : fake.version
    response.writeHead(status as number, { 'x-azr-policy': String(mark) })
    response.end(typeof found === 'string' ? found : JSON.stringify(found))
  }
  const server: Server = createServer((request, response) => void answer(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const kill = () => {
    server.close()
    server.closeAllConnections()
  }
  const fake: FakeVllm = {
    url: `http://127.0.0.1:${port}`,
    log: [],
    fault: null,
    version: -1,
    prefixes: [],
    kill,
    described: { logprobs: 'processed_logprobs', length: 256, rank: 0 },
    close: async () => kill(),
  }
  return fake
}
