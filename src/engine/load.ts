/**
 * The order in which weights are changed in a running server, awake or asleep. It checks every
 * answer, because a missed step would show only in wrong log-probabilities.
 */
import { AzrError } from '../../domain/errors.ts'
import type { Ask, Http } from './http.ts'

export const drain = (http: Http, ask: Ask = {}) => http.post('/pause?mode=wait', {}, ask)

async function resetPrefixCache(http: Http, ask: Ask): Promise<void> {
  const { success } = (await http.post('/reset_prefix_cache', {}, ask)) as { success?: boolean }
  // A server that does not say has reset it. One that says false still has keys of the old weights.
  if (success === false)
    throw new AzrError('engine-refused', 'The engine did not reset its prefix cache')
}

/** Calls a method of every worker. Returns their answers. */
export async function callWorkers(
  http: Http,
  method: string,
  kwargs: Record<string, unknown>,
  ask: Ask = {},
): Promise<(Record<string, unknown> | null)[]> {
  const answer = await http.post('/collective_rpc', { method, kwargs }, ask)
  const { results } = answer as { results?: (Record<string, unknown> | null)[] }
  if (!results || results.length === 0)
    throw new AzrError('engine-refused', `No worker answered ${method}`)
  return results
}

/** Loads full weights. The workers check names and shapes before they change anything. */
export async function putWeights(http: Http, path: string, version: number, ask: Ask = {}) {
  const results = await callWorkers(http, 'azr_load', { path, version }, ask)
  if (results.some(result => result?.version !== version)) {
    throw new AzrError(
      'engine-refused',
      `The engine did not load policy ${version}: ${JSON.stringify(results)}`,
    )
  }
}

/** How long a server may take to resume after a failed change. */
const resumeMs = 10_000

/**
 * Drains, puts, resets the prefix cache and resumes. After a failure it resumes, too, and then
 * throws the first error. It does so also if it was aborted: a server that stays paused answers
 * nothing more.
 */
export async function changeAwake(http: Http, put: () => Promise<void>, ask: Ask): Promise<void> {
  try {
    await drain(http, ask)
    await put()
    await resetPrefixCache(http, ask)
  } catch (error) {
    await http.post('/resume', {}, { deadlineMs: resumeMs }).catch(() => {})
    throw error
  }
  await http.post('/resume', {}, ask)
}

/**
 * Engine and learner take turns on one card. At level 2 the sleeping engine has dropped its weights
 * and needs new ones as soon as it wakes. Without them it would answer garbage without an error.
 * Level 1 keeps weights in the machine's memory: for adapters, whose base never changes.
 */
export type SleepLevel = 1 | 2

export async function fallAsleep(http: Http, level: SleepLevel, ask: Ask): Promise<void> {
  await drain(http, ask)
  await http.post(`/sleep?level=${level}&mode=wait`, {}, ask)
}

/**
 * Allocates room for the weights first and for keys and values later, because both at once may not
 * fit.
 */
export async function changeAsleep(http: Http, put: () => Promise<void>, ask: Ask): Promise<void> {
  await http.post('/wake_up?tags=weights', {}, ask)
  await put()
  await http.post('/wake_up?tags=kv_cache', {}, ask)
  await resetPrefixCache(http, ask)
  await http.post('/resume', {}, ask)
}
