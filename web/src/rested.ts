/** A value that changes while it is typed, delayed until the typing stops. */
import { useEffect, useState } from 'preact/hooks'

const restMs = 350

export function useRested<T>(value: T): T {
  const [rested, setRested] = useState(value)
  const key = JSON.stringify(value)
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), restMs)
    return () => clearTimeout(timer)
  }, [key])
  return rested
}
