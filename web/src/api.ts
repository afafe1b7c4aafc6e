/**
 * The page's client of the API. Its types come from the server's own routes. It sends the token if
 * one is needed.
 */
import { hc, type InferResponseType } from 'hono/client'
import type { Api } from '../../src/http/app.ts'

const storedAs = 'azr-token'

/** Takes the token after the # of the address that azr printed, and removes it from the address. */
function takeToken(): string | null {
  const given = /^#token=(.+)$/.exec(location.hash)?.[1]
  if (given) {
    sessionStorage.setItem(storedAs, given)
    history.replaceState(null, '', location.pathname)
  }
  return sessionStorage.getItem(storedAs)
}
const token = takeToken()
const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}

/** The folder of the page. A proxy may serve it below any path. */
const home = new URL('.', location.href).href

const clientOf = (signal: AbortSignal | null) => hc<Api>(home, { headers, init: { signal } }).api
type Routes = ReturnType<typeof clientOf>
type RunRoutes = Routes['runs'][':id']

/** An error that the server answered. `status` is 0 if the server cannot be reached. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

type Answer = { ok: boolean; status: number; json: () => Promise<unknown> }

export async function take<Body>(call: Promise<Answer>): Promise<Body> {
  const answer = await call.catch(() => {
    throw new Refusal(0, 'azr does not answer')
  })
  const body = [202, 204].includes(answer.status) ? null : await answer.json()
  if (answer.ok) return body as Body
  throw new Refusal(answer.status, (body as { detail?: string }).detail ?? String(answer.status))
}

export type RunSummary = InferResponseType<Routes['runs']['$get'], 200>['items'][number]
export type Run = InferResponseType<RunRoutes['$get'], 200>
export type Step = InferResponseType<RunRoutes['steps']['$get'], 200>['items'][number]
export type Machines = InferResponseType<RunRoutes['machines']['$get'], 200>
export type Machine = Machines['items'][number]
export type Chart = InferResponseType<Routes['statecharts']['$get'], 200>['items'][number]
export type Progress = InferResponseType<RunRoutes['progress']['$get'], 200>
export type Learning = InferResponseType<RunRoutes['learning']['$get'], 200>
type MetricsPage = InferResponseType<RunRoutes['metrics']['$get'], 200>
export type Metrics = MetricsPage['curves']
export type TaskPage = InferResponseType<RunRoutes['tasks']['$get'], 200>
export type Task = TaskPage['items'][number]
export type RolloutPage = InferResponseType<RunRoutes['rollouts']['$get'], 200>
export type TaskDetail = InferResponseType<RunRoutes['tasks'][':task']['$get'], 200>
export type RolloutDetail = InferResponseType<RunRoutes['rollouts'][':rollout']['$get'], 200>
export type Health = InferResponseType<RunRoutes['health']['$get'], 200>
export type Rates = InferResponseType<RunRoutes['success-rates']['$get'], 200>['items']
export type Overview = InferResponseType<RunRoutes['overview']['$get'], 200>
export type Game = InferResponseType<RunRoutes['game']['$get'], 200>
export type StepClock = InferResponseType<RunRoutes['clock']['$get'], 200>
export type Color = InferResponseType<Routes['palette']['$get'], 200>['items'][number]
export type Behaviour = InferResponseType<RunRoutes['behaviour']['$get'], 200>

export type Standing = InferResponseType<Routes['standings']['$get'], 200>['items'][number]
export type Differences = InferResponseType<Routes['compare']['$get'], 200>
export type Comparison = InferResponseType<Routes['compare']['evaluations']['$get'], 200>
export type Knob = InferResponseType<Routes['config']['$get'], 200>['items'][number]
export type Plan = InferResponseType<Routes['plan']['$post'], 200>
export type Labels = RunSummary['labels']
/** A new run: its name, and its knobs as texts of the command line. */
export type Order = { run?: string; knobs: Record<string, string> }
export type PlanOrder = Pick<Order, 'knobs'> & {
  preset?: string
  run?: string
  at?: number
  resume?: boolean
}

type Query = Record<string, string>
const param = (id: string) => ({ param: { id } })
const upTo = (until: number | undefined) => (until === undefined ? {} : { until: String(until) })

/** Requests whose answers do not depend on a run. */
const catalogueOf = (api: Routes) => ({
  charts: () => take<{ items: Chart[] }>(api.statecharts.$get()),
  palette: () => take<{ items: Color[] }>(api.palette.$get()),
  standings: () => take<{ items: Standing[] }>(api.standings.$get()),
  compare: (ids: readonly string[]) =>
    take<Differences>(api.compare.$get({ query: { runs: ids.join(',') } })),
  compareEvaluations: (before: string, after: string) =>
    take<Comparison>(api.compare.evaluations.$get({ query: { before, after } })),
  presets: () => take<{ items: { name: string }[] }>(api.presets.$get()),
  preset: (preset: string) =>
    take<{ config: unknown }>(api.presets[':preset'].$get({ param: { preset } })),
  knobs: () => take<{ items: Knob[] }>(api.config.$get()),
  plan: (order: PlanOrder) => take<Plan>(api.plan.$post({ json: order })),
})

/** The orders that a page can give: begin, fork, resume, delete and label runs. */
const ordersOf = (api: Routes, run: RunRoutes) => ({
  begin: (order: Order & { preset: string }) =>
    take<{ id: string }>(api.runs.$post({ json: order })),
  fork: (id: string, at: number, order: Order = { knobs: {} }) =>
    take<{ id: string }>(run.fork.$post({ ...param(id), json: { at, ...order } })),
  resume: (id: string, knobs: Order['knobs']) =>
    take<null>(run.resume.$post({ ...param(id), json: { knobs } }) as Promise<Answer>),
  remove: (id: string) => take<null>(run.$delete(param(id)) as Promise<Answer>),
  label: (id: string, change: Partial<Labels>) =>
    take<Labels>(run.$patch({ ...param(id), json: change })),
  command: (id: string, verb: 'pause' | 'resume' | 'stop') =>
    take<null>(run[verb].$post({ ...param(id), json: {} } as never) as Promise<Answer>),
})

/** The requests of the page. The signal aborts open ones. */
export function asking(signal: AbortSignal | null = null) {
  const api = clientOf(signal)
  const run = api.runs[':id']
  return {
    ...catalogueOf(api),
    ...ordersOf(api, run),
    runs: () => take<{ items: RunSummary[] }>(api.runs.$get({ query: {} })),
    run: (id: string) => take<Run>(run.$get(param(id))),
    /** All finished steps, however many pages they take. */
    async steps(id: string): Promise<Step[]> {
      const found: Step[] = []
      for (let after: string | null = '-1'; after !== null; ) {
        const query = { after, limit: '500' }
        const page: { items: Step[]; next: string | null } = await take(
          run.steps.$get({ ...param(id), query }),
        )
        found.push(...page.items)
        after = page.next
      }
      return found
    },
    machines: (id: string, until?: number) =>
      take<Machines>(run.machines.$get({ ...param(id), query: upTo(until) })),
    progress: (id: string, step?: number) =>
      take<Progress>(
        run.progress.$get({
          ...param(id),
          query: step === undefined ? {} : { step: String(step) },
        }),
      ),
    learning: (id: string, until?: number) =>
      take<Learning>(run.learning.$get({ ...param(id), query: upTo(until) })),
    overview: (id: string, until?: number) =>
      take<Overview>(run.overview.$get({ ...param(id), query: upTo(until) })),
    /** `task` chooses the task to show; without it, the newest. */
    game: (id: string, until?: number, task?: string) =>
      take<Game>(
        run.game.$get({ ...param(id), query: { ...upTo(until), ...(task ? { task } : {}) } }),
      ),
    clock: (id: string) => take<StepClock>(run.clock.$get(param(id))),
    /** Curves by name, without the `times` that come with them. */
    metrics: async (id: string, names: string): Promise<Metrics> => {
      const found = await take<MetricsPage>(run.metrics.$get({ ...param(id), query: { names } }))
      return found.curves
    },
    tasks: (id: string, query: Query) =>
      take<TaskPage>(run.tasks.$get({ ...param(id), query } as never)),
    rollouts: (id: string, query: Query) =>
      take<RolloutPage>(run.rollouts.$get({ ...param(id), query } as never)),
    task: (id: string, task: string) =>
      take<TaskDetail>(run.tasks[':task'].$get({ param: { id, task } })),
    rollout: (id: string, rollout: string) =>
      take<RolloutDetail>(run.rollouts[':rollout'].$get({ param: { id, rollout } })),
    health: (id: string, until?: number) =>
      take<Health>(run.health.$get({ ...param(id), query: upTo(until) })),
    rates: (id: string) => take<{ items: Rates }>(run['success-rates'].$get(param(id))),
    behaviour: (id: string, until?: number) =>
      take<Behaviour>(run.behaviour.$get({ ...param(id), query: upTo(until) })),
  }
}
export const ask = asking()
export type Ask = typeof ask

/**
 * Listens to a run's events with fetch, because EventSource cannot send a token. Calls `hear` for
 * each batch. The promise settles when the stream ends.
 */
export async function listen(
  id: string,
  after: string | null,
  hear: (lastId: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const url = `${home}api/runs/${encodeURIComponent(id)}/events?types=machine.changed`
  const going: Record<string, string> = after === null ? {} : { 'last-event-id': after }
  const answer = await fetch(url, { headers: { ...headers, ...going }, signal })
  if (!answer.ok || !answer.body) throw new Refusal(answer.status, 'no events')
  hear(after ?? '')
  for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
    const last = [...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1]
    if (last) hear(last)
  }
}
