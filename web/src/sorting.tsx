/** Heads of columns that order a table; the order stands in the address. */
import { addressOf, here } from './state.ts'

/** One click orders by it, the largest first; another turns the order round. */
export function Head(props: {
  name: string
  /** As the address names it; null: the table is not ordered by it. */
  column: string | null
  by: string
  isUp: boolean
  isNumber?: boolean
}) {
  const { name, column, by, isUp } = props
  const place = props.isNumber ? 'number' : undefined
  if (column === null) {
    return (
      <th scope="col" class={place}>
        {name}
      </th>
    )
  }
  const isBy = by === column
  const query = { ...here.value.query, sort: column, order: isBy && !isUp ? 'asc' : '' }
  return (
    <th
      scope="col"
      class={place}
      aria-sort={isBy ? (isUp ? 'ascending' : 'descending') : undefined}
    >
      <a class="sort" href={addressOf({ query })}>
        {name}
        <span aria-hidden="true">{isBy ? (isUp ? ' ↑' : ' ↓') : ''}</span>
      </a>
    </th>
  )
}
