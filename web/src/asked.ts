/** Questions of views that show no single run: asked again where what they depend on changes. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Ask, asking } from './api.ts'
import type { Fetched } from './state.ts'

/** What came before stays until the next answer is there. */
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
