/** The name of a suite in rows: a user's benchmark has its file's name. */
export const suiteName = (named: string): string =>
  /^\.{0,2}\//.test(named) ? named.replace(/^.*\//, '').replace(/\.\w+$/, '') : named
