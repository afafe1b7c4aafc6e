/**
 * Adapters of a vLLM server. Each policy version gets its own name, because a reused name has
 * caused stale caches elsewhere. The previous adapter is unloaded when the new one is loaded.
 */
import { type Ask, goodJson, type Http } from './http.ts'
import { callWorkers } from './load.ts'
import type { Target } from './sampler.ts'

const base: Target = { model: 'policy', isAdapter: false }

export function createAdapters(http: Http) {
  let target = base
  const post = async (path: string, body: object, ask: Ask) => {
    goodJson(path, await http.ask('POST', path, body, ask))
  }
  return {
    /** The model that is sampled now. */
    target: () => target,
    /** Checks names and shapes first, because vLLM silently ignores tensors that do not fit. */
    async put(path: string, version: number, ask: Ask) {
      await callWorkers(http, 'azr_check_adapter', { path }, ask)
      const before = target
      // A version that is loaded again needs another name: the server refuses an equal one.
      const name = `policy-${version}`
      const model = before.model === name ? `${name}-again` : name
      await post('/v1/load_lora_adapter', { lora_name: model, lora_path: path }, ask)
      target = { model, isAdapter: true }
      if (before.isAdapter) {
        await post('/v1/unload_lora_adapter', { lora_name: before.model }, ask)
      }
    },
    /** After full weights were loaded the base is sampled again. */
    forget() {
      target = base
    },
  }
}
