/** What a loaded plug-in is: a user's own object, and the files that it came from. */
export type Plugin<T> = {
  what: 'kind' | 'reward' | 'benchmark'
  /** Absolute. */
  path: string
  /** What its default export calls itself. */
  name: string
  /** Its file and those that it imports by path, and the hash of their contents (sources.ts). */
  files: readonly string[]
  hash: string
  value: T
}
