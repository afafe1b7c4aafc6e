/**
 * The order in which weights are changed under a running server, awake or asleep. Every answer is
 * checked: a step that is left out shows nowhere but in wrong log-probabilities.
 */
import { AzrError } from '../../domain/errors.ts'
import type { Ask, Http } from './http.ts'

export const drain = (http: Http, ask: Ask = {}) => http.post('/pause?mode=wait', {}, ask)

async function resetPrefixCache(http: Http, ask: Ask): Promise<void> {
  const { success } = (await http.post('/reset_prefix_cache', {}, ask)) as { success?: boolean }
  // A server that does not say has reset it, one that says no still holds keys of old weights.
  if (success === false)
    throw new AzrError('engine-refused', 'The engine did not reset its prefix cache')
}

/** Calls a method of every worker; gives what each of them answered. */
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

/** Full weights; the workers check names and shapes before they touch anything. */
export async function putWeights(http: Http, path: string, version: number, ask: Ask = {}) {
  const results = await callWorkers(http, 'azr_load', { path, version }, ask)
  if (results.some(result => result?.version !== version)) {
    throw new AzrError(
      'engine-refused',
      `The enginedid not load policy ${version}: ${JSON.stringify(results)}`,
    )
  }
}

/** Drain, put, reset the prefix cache, go on: that too after a failure, whose cause is what counts. */
export async function changeAwake(http: Http, put: () => Promise<void>, ask: Ask): Promise<void> {
  await drain(http, ask)
  try {
    await put()
    await resetPrefixCache(http, ask)
  } catch (error) {
    await http.post('/resume', {}, ask).catch(() => {})
    throw error
  }
  await http.post('/resume', {}, ask)
}

/**
 * Engine and learner on one card take turns. Asleep at level 2 the engine has dropped its weights
 * and needs new ones at once when it wakes: without a load it would answer with garbage, and say
 * nothing. Level 1 keeps them in the machine's memory: for adapters, whose base never changes.
 */
export type SleepLevel = 1 | 2

export async function fallAsleep(http: Http, level: SleepLevel, ask: Ask): Promise<void> {
  await drain(http, ask)
  await http.post(`/sleep?level=${level}&mode=wait`, {}, ask)
}

/** Room for the weights first, for keys and values once they are there: both at once may not fit. */
export async function changeAsleep(http: Http, put: () => Promise<void>, ask: Ask): Promise<void> {
  await http.post('/wake_up?tags=weights', {}, ask)
  await put()
  await http.post('/wake_up?tags=kv_cache', {}, ask)
  await resetPrefixCache(http, ask)
  await http.post('/resume', {}, ask)
}
