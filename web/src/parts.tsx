/** Small components that the panels share. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Fetched } from './state.ts'

/** Redraws growing durations every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}

export function Section({ title, children }: { title: string; children: ComponentChildren }) {
  const id = title.toLowerCase().replace(/[^a-z]+/g, '-')
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}

/** Shows that it is loading, or an error, or the result. */
export function Await<T>({
  of: { data, error },
  children,
}: {
  of: Fetched<T>
  children: (data: T) => ComponentChildren
}) {
  if (error !== null) return <p class="failed">Cannot show this: {error}</p>
  if (data === null) return <p class="loading">loading …</p>
  return <>{children(data)}</>
}

/** Scrolls sideways if its table is wider than its place, and takes the focus for the keys. */
export function Wide({ children }: { children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null)
  const [isWider, setIsWider] = useState(false)
  useEffect(() => {
    const at = box.current as HTMLDivElement
    const observer = new ResizeObserver(() => setIsWider(at.scrollWidth > at.clientWidth))
    observer.observe(at)
    if (at.firstElementChild) observer.observe(at.firstElementChild)
    return () => observer.disconnect()
  }, [])
  const scrolls = isWider
    ? { tabIndex: 0, role: 'group' as const, 'aria-label': 'table that scrolls' }
    : {}
  return (
    <div class="wide" ref={box} {...scrolls}>
      {children}
    </div>
  )
}

/** Names with their values. */
export const Facts = (props: { class: string; facts: readonly [string, string][] }) => (
  <dl class={props.class}>
    {props.facts.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
)

/** A table that scrolls sideways if it is wider than its place. */
export function Table({
  heads,
  numbers = [],
  class: name,
  children,
}: {
  heads: readonly string[]
  /** Heads of columns of figures, which stand at the right. */
  numbers?: readonly string[]
  class?: string
  children: ComponentChildren
}) {
  return (
    <Wide>
      <table class={name}>
        <thead>
          <tr>
            {heads.map(head => (
              <th key={head} scope="col" class={numbers.includes(head) ? 'number' : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </Wide>
  )
}

export const Empty = ({ children }: { children: ComponentChildren }) => (
  <p class="empty">{children}</p>
)

/** Control characters, direction marks and invisible characters. They are shown as escapes. */
const obeyed = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu
export const plain = (text: string) =>
  text.replace(obeyed, char =>
    char === '\n' || char === '\t' ? char : `\\u{${(char.codePointAt(0) as number).toString(16)}}`,
  )

const shown = 20_000
const more = 200_000
/** A browser takes minutes to lay out a line of a megabyte, so longer lines are broken. */
const longestLine = /[^\n]{4000}(?=[^\n])/g

/** A model's text, cut to a length that a browser can lay out. A button shows more. */
export function Text({ text, class: name }: { text: string; class?: string }) {
  const [length, setLength] = useState(shown)
  const rest = text.length - length
  return (
    <>
      <pre class={name}>{plain(text.slice(0, length)).replace(longestLine, '$&\n')}</pre>
      {rest > 0 && (
        <button type="button" onClick={() => setLength(length + more)}>
          show more: {rest.toLocaleString('en')} characters are left
        </button>
      )}
    </>
  )
}
