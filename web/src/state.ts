/** What the page shows and knows: where the reader is, which runs there are, whether azr answers. */
import { computed, effect, type Signal, signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Ask, ask, asking, listen, Refusal, type Run, type RunSummary } from './api.ts'
import { inTurn } from './in-turn.ts'

export const panels = ['overview', 'learning', 'frontier', 'behaviour', 'tasks', 'health'] as const
export type Panel = (typeof panels)[number]
export type Place = { run: string; panel: Panel; query: Record<string, string> }

/** `#run/panel?filter=…`: every view has an address. */
function readPlace(): Place {
  const [path = '', search = ''] = location.hash.slice(1).split('?')
  const [run = '', panel = ''] = path.split('/').map(decodeURIComponent)
  return {
    run,
    panel: panels.find(name => name === panel) ?? 'overview',
    query: Object.fromEntries(new URLSearchParams(search)),
  }
}

export function addressOf(place: Partial<Place>): string {
  const { run, panel, query } = { ...here.value, query: {}, ...place }
  const search = new URLSearchParams(query).toString()
  return `#${encodeURIComponent(run)}/${panel}${search ? `?${search}` : ''}`
}

/** Where the rows of a figure at a step are listed. */
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
/** `null`: it answers. */
export const trouble = signal<string | null>(null)
/** Grows when something changed: whoever shows live figures asks again. */
export const pulse = signal(0)
/** Grows every second while a run goes on and is looked at: for what is played in seconds. */
export const tempo = signal(0)
setInterval(() => {
  if (isLive.peek() && document.visibilityState === 'visible') tempo.value += 1
}, 1000)
/** The scrubber: the step after which everything is shown; null: now. */
export const until = signal<number | null>(null)

/** Where the slider came to rest: while it moves, what is known is drawn and nothing is asked. */
const restMs = 150
const settled = signal<number | null>(null)
effect(() => {
  const at = until.value
  const timer = setTimeout(() => {
    settled.value = at
  }, restMs)
  return () => clearTimeout(timer)
})

export const runId = computed(() => here.value.run)
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

async function refresh(): Promise<void> {
  try {
    const { items } = await ask.runs()
    runs.value = items.sort((a, b) => b.createdAtMs - a.createdAtMs)
    const id = runId.value || (items[0]?.id ?? '')
    if (id !== runId.value) {
      history.replaceState(null, '', addressOf({ run: id, query: here.value.query }))
      here.value = readPlace()
    }
    const found = id ? await ask.run(id) : null
    // The reader went to another run meanwhile: buttons would act on this one.
    if (id !== runId.value) return
    const before = run.value
    run.value = found
    const changed = before?.step !== run.value?.step || before?.status !== run.value?.status
    // Where all stands still nothing happens that could be told of, and that has to be seen.
    const isQuiet = isLive.value && Date.now() - beatenMs > quietMs
    if (changed || isQuiet || trouble.value !== null) pulse.value += 1
    trouble.value = null
  } catch (error) {
    say(error)
  }
}

/** The list of runs is asked for now and then; what happens in the run itself is told by events. */
export async function keepUp(): Promise<never> {
  for (;;) {
    await refresh()
    await pause(trouble.value === null ? 2000 : 1000)
  }
}

/** Events come in bursts: figures are asked for once a second at most. */
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
  until.value = null
  if (!id) return
  // Another run's state is not shown for a moment: nothing is, until its own is known.
  if (run.peek() && run.peek()?.id !== id) {
    run.value = null
    void refresh()
  }
  const controller = new AbortController()
  const follow = async () => {
    for (let last: string | null = null; !controller.signal.aborted; ) {
      await listen(
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
 * Asks when the run, the pulse (or other `beats`), the slider or one of `deps` changes; where only the pulse did, the
 * answer that is on its way is waited for. What came before stays until the next answer is there,
 * but is of no use where `deps` changed.
 */
export function useFetched<T>(
  load: (ask: Ask, id: string) => Promise<T>,
  deps: unknown[] = [],
  beats: Signal<number> = pulse,
): Fetched<T> {
  const [found, setFound] = useState<Fetched<T> & { key: string }>({
    data: null,
    error: null,
    key: '',
  })
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
        // What was shown stays: the banner says that azr does not answer.
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
  return found.key === key ? found : { data: null, error: null }
}
