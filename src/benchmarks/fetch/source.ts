/** Where a benchmark comes from, and how it becomes the file that is read. No behaviour. */

/** A file of a download, with the size and the SHA-256 that it has to have. */
export type Pin = { url: string; size: number; sha256: string }

export type Source = {
  licence: string
  /** For people. */
  home: string
  /** Files that make it up; none: it comes with azr. */
  pins: Pin[]
  /** Below the data folder; what is read there is `FOLDER/FOLDER.jsonl` or that file gzipped … */
  folder: string
  /** … which is made of the published file by this … */
  convert?: (path: string) => string
  /** … or the published files themselves, which these are. */
  published?: RegExp
}

/** What comes with azr. */
export const ours: Source = { licence: 'Apache-2.0', home: 'comes with azr', pins: [], folder: '' }
