/** Column heads that sort a table. The address keeps the order. */
import { addressOf, here } from './state.ts'

/** A click sorts by the column, largest first. A second click reverses the order. */
export function Head(props: {
  name: string
  /** The column's name in the address; null if the table cannot be sorted by it. */
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
