/** The type of a loaded plug-in: a user's object, and its files. */
export type Plugin<T> = {
  what: 'kind' | 'reward' | 'benchmark'
  /** The absolute path. */
  path: string
  /** The name in its default export. */
  name: string
  /**
   * Its file and the files that it imports by path, and the hash of their contents (sources.ts).
   */
  files: readonly string[]
  hash: string
  value: T
}
