/** Lets a limited number of calls run at a time. The others wait in line. */

export type Gate = <T>(act: () => Promise<T>) => Promise<T>

export function createGate(size: number): Gate {
  const line: (() => void)[] = []
  let inside = 0
  return async act => {
    if (inside >= size) await new Promise<void>(resolve => line.push(resolve))
    else inside += 1
    try {
      return await act()
    } finally {
      const next = line.shift()
      if (next) next()
      else inside -= 1
    }
  }
}
