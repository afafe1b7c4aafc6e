/** SQLite limits the number of values in a query. */
export const inParts = <Item>(all: Item[]): Item[][] =>
  Array.from({ length: Math.ceil(all.length / 500) }, (_, i) => all.slice(500 * i, 500 * (i + 1)))
