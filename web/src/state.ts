/** The state of the page: the current address, the runs, whether azr answers. */
import { computed, effect, type Signal, signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Ask, ask, asking, listen, Refusal, type Run, type RunSummary } from './api.ts'
import { inTurn } from './in-turn.ts'

export const panels = [
  'overview',
  'learning',
  'frontier',
  'behaviour',
  'tasks',
  'health',
  'config',
] as const
/** Views of a run without their own tab. */
const forms = ['fork', 'resume'] as const
/** Views that do not show a single run. */
export const apart = ['runs', 'compare', 'new'] as const
const views = [...panels, ...forms, ...apart] as const
export type Panel = (typeof views)[number]
export const isApart = (panel: Panel) => apart.some(name => name === panel)
export type Place = { run: string; panel: Panel; query: Record<string, string> }

/** `#run/panel?filter=…`: every view has an address. `#/runs` does not show a single run. */
function readPlace(): Place {
  const [path = '', search = ''] = location.hash.slice(1).split('?')
  const [run = '', panel = ''] = path.split('/').map(decodeURIComponent)
  return {
    run,
    panel: views.find(name => name === panel) ?? 'overview',
    query: Object.fromEntries(new URLSearchParams(search)),
  }
}

/** Keeps the step of the slider within a run. Leaves out empty values. */
export function addressOf(place: Partial<Place>): string {
  const { run, panel, query } = { ...here.value, query: {}, ...place }
  const { at } = here.value.query
  const carried = at !== undefined && run === here.value.run && !isApart(panel) ? { at } : {}
  const given = Object.entries({ ...carried, ...query }).filter(([, value]) => value !== '')
  const search = new URLSearchParams(given).toString()
  return `#${encodeURIComponent(run)}/${panel}${search ? `?${search}` : ''}`
}

/** The address of the list of rows behind a figure at a step. */
export const rowsAt = (query: Place['query'], step: number): string =>
  addressOf({ panel: 'tasks', query: { ...query, step: String(step) } })

export const here = signal(readPlace())
export const go = (place: Partial<Place>) => {
  location.hash = addressOf(place)
}
addEventListener('hashchange', () => {
  here.value = readPlace()
})

export const runs = signal<RunSummary[] | null>(null)
export const run = signal<Run | null>(null)
/** Null if azr answers. */
export const trouble = signal<string | null>(null)
/** Increases when something has changed. Views of live figures then request them again. */
export const pulse = signal(0)
/** Increases every second while a visible run is going on, for views that change in seconds. */
export const tempo = signal(0)
setInterval(() => {
  if (isLive.peek() && document.visibilityState === 'visible') tempo.value += 1
}, 1000)
/** The step in an address, which the page then shows. */
function stepOf({ at = '' }: Place['query']): number | null {
  return /^\d{1,6}$/.test(at) ? Number(at) : null
}
/** The step that the page shows, set by the slider; null means now. */
export const until = signal<number | null>(stepOf(here.value.query))

/**
 * How long the slider has to rest before anything is requested. While it moves, known data is
 * drawn.
 */
const restMs = 150
const settled = signal<number | null>(until.value)
effect(() => {
  until.value = stepOf(here.value.query)
})
effect(() => {
  const at = until.value
  const timer = setTimeout(() => {
    settled.value = at
  }, restMs)
  return () => clearTimeout(timer)
})

/** The step replaces the previous one in the address, so that 'back' leads to the previous view. */
effect(() => {
  const { panel, query } = here.peek()
  const at = settled.value
  if (at === stepOf(query) || isApart(panel)) return
  const asked = { ...query, at: at === null ? '' : String(at) }
  history.replaceState(null, '', addressOf({ query: asked }))
  here.value = readPlace()
})

export const runId = computed(() => here.value.run)
/** The run in the address, if it does not exist. */
export const unknown = signal<string | null>(null)
export const isLive = computed(() => ['running', 'paused'].includes(run.value?.status ?? ''))
export const upTo = computed(() => until.value ?? Number.MAX_SAFE_INTEGER)

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
const say = (error: unknown) => {
  const { status, message } = error as Refusal
  trouble.value = error instanceof Refusal && status !== 0 ? message : 'azr does not answer'
}

const quietMs = 3000
let beatenMs = 0
effect(() => {
  if (pulse.value > 0) beatenMs = Date.now()
})

/** Null if there is no such run. */
async function find(id: string): Promise<Run | null> {
  try {
    return await ask.run(id)
  } catch (error) {
    if (error instanceof Refusal && [400, 404].includes(error.status)) return null
    throw error
  }
}

export async function refresh(): Promise<void> {
  try {
    const { items } = await ask.runs()
    runs.value = items.sort((a, b) => b.createdAtMs - a.createdAtMs)
    const id = runId.value || (isApart(here.value.panel) ? '' : (items[0]?.id ?? ''))
    if (id !== runId.value) {
      history.replaceState(null, '', addressOf({ run: id, query: here.value.query }))
      here.value = readPlace()
    }
    // An unknown run is requested once, and again when it is listed.
    const isGone = id === unknown.value && !items.some(one => one.id === id)
    const found = id && !isGone ? await find(id) : null
    // The reader has gone to another run meanwhile, on which the buttons would act.
    if (id !== runId.value) return
    const before = run.value
    run.value = found
    unknown.value = id && !found ? id : null
    const changed = before?.step !== run.value?.step || before?.status !== run.value?.status
    // A run that hangs sends no events, and the hang has to be shown.
    const isQuiet = isLive.value && Date.now() - beatenMs > quietMs
    if (changed || isQuiet || trouble.value !== null) pulse.value += 1
    trouble.value = null
  } catch (error) {
    say(error)
  }
}

/** Polls the list of runs. Events report what happens in the current run. */
export async function keepUp(): Promise<never> {
  for (;;) {
    await refresh()
    await pause(trouble.value === null ? 2000 : 1000)
  }
}

/** Events come in bursts, so figures are requested at most once a second. */
let isWaiting = false
function beat(): void {
  if (isWaiting) return
  isWaiting = true
  setTimeout(() => {
    isWaiting = false
    pulse.value += 1
  }, 1000)
}

effect(() => {
  const id = runId.value
  unknown.value = null
  if (!id) return
  // Show nothing until the new run's state is known, rather than the previous run's.
  if (run.peek()?.id !== id) {
    run.value = null
    void refresh()
  }
  const controller = new AbortController()
  const follow = async () => {
    for (let last: string | null = null; !controller.signal.aborted; ) {
      const wait = unknown.peek() === id ? () => Promise.resolve() : listen
      await wait(
        id,
        last,
        at => {
          last = at || last
          beat()
        },
        controller.signal,
      ).catch(() => {})
      await pause(1000)
    }
  }
  void follow()
  return () => controller.abort()
})

export type Fetched<T> = { data: T | null; error: string | null }

/**
 * Requests data again when the run, the pulse (or other `beats`), the slider or one of `deps`
 * changes. If only the pulse changed, it waits for the open request first. The previous data stays
 * until the next arrives, unless `deps` changed.
 */
export function useFetched<T>(
  load: (ask: Ask, id: string) => Promise<T>,
  deps: unknown[] = [],
  beats: Signal<number> = pulse,
): Fetched<T> {
  const none = { data: null, error: null }
  const [found, setFound] = useState<Fetched<T> & { key: string }>({ ...none, key: '' })
  const id = runId.value
  const key = JSON.stringify([id, ...deps])
  const latest = useRef(load)
  latest.current = load
  useEffect(() => {
    if (!id) return
    const controller = new AbortController()
    const { signal } = controller
    const look = async () => {
      try {
        const data = await latest.current(asking(signal), id)
        if (!signal.aborted) setFound({ data, error: null, key })
      } catch (error) {
        // Keep what is shown: the banner says that azr does not answer.
        const isGone = error instanceof Refusal && error.status === 0
        if (!signal.aborted && !isGone) {
          setFound({ data: null, error: (error as Error).message, key })
        }
      }
    }
    const forget = beats.subscribe(inTurn(look))
    return () => {
      forget()
      controller.abort()
    }
  }, [key, settled.value])
  return found.key === key ? found : none
}
