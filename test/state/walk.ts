/** The ids on all pages of a list, in order. */
export function walk(read: (before?: string) => { items: { id: string }[]; next: string | null }) {
  const found: string[] = []
  for (let next: string | null | undefined; next !== null; ) {
    const page = read(next)
    found.push(...page.items.map(({ id }) => id))
    next = page.next
  }
  return found
}
