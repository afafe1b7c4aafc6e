/**
 * Adapters of a vLLM server: each policy version gets a name of its own, as a reused name has given
 * stale caches elsewhere, and the one before is unloaded once the new one is there.
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
    /** What is sampled now. */
    target: () => target,
    /** Names and shapes are checked first: vLLM leaves out what fits nothing, without a word. */
    async put(path: string, version: number, ask: Ask) {
      await callWorkers(http, 'azr_check_adapter', { path }, ask)
      const before = target
      // A version that is loaded once more needs another name: the server refuses an equal one.
      const name = `policy-${version}`
      const model = before.model === name ? `${name}-again` : name
      await post('/v1/load_lora_adapter', { lora_name: model, lora_path: path }, ask)
      target = { model, isAdapter: true }
      if (before.isAdapter) {
        await post('/v1/unload_lora_adapter', { lora_name: before.model }, ask)
      }
    },
    /** Full weights were loaded: the base is sampled again. */
    forget() {
      target = base
    },
  }
}
