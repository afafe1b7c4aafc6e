/**
 * Requests of views that do not show a single run. They are repeated when their dependencies
 * change.
 */
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Ask, asking } from './api.ts'
import type { Fetched } from './state.ts'

/** The previous answer stays until the next one arrives. */
export function useAsked<T>(load: (ask: Ask) => Promise<T>, deps: unknown[]): Fetched<T> {
  const [found, setFound] = useState<Fetched<T>>({ data: null, error: null })
  const latest = useRef(load)
  latest.current = load
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    latest.current(asking(signal)).then(
      data => !signal.aborted && setFound({ data, error: null }),
      (error: Error) => {
        if (!signal.aborted) setFound(({ data }) => ({ data, error: error.message }))
      },
    )
    return () => controller.abort()
  }, [JSON.stringify(deps)])
  return found
}
