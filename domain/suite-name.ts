/** What rows call a suite that a config names: a benchmark of the user's goes by its file's name. */
export const suiteName = (named: string): string =>
  /^\.{0,2}\//.test(named) ? named.replace(/^.*\//, '').replace(/\.\w+$/, '') : named
