/** Python with colours: tokens by one pattern, each inserted as text. */
import { plain } from './parts.tsx'

const longest = 20_000
const pattern = new RegExp(
  [
    /(?<comment>#[^\n]*)/,
    /(?<string>[rbfu]{0,2}(?:"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))/,
    /(?<number>\b\d[\d_.]*(?:e[+-]?\d+)?\b)/,
    /(?<word>\b(?:and|as|assert|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield|None|True|False)\b)/,
    /(?<call>\b[a-zA-Z_]\w*(?=\())/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gi',
)

type Piece = { name: string; text: string }

export function piecesOf(program: string): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const match of program.matchAll(pattern)) {
    if (match.index > at) pieces.push({ name: '', text: program.slice(at, match.index) })
    const [name = ''] = Object.entries(match.groups ?? {}).find(([, text]) => text) ?? []
    pieces.push({ name, text: match[0] })
    at = match.index + match[0].length
  }
  return [...pieces, { name: '', text: program.slice(at) }]
}

export function Python({ program }: { program: string }) {
  const pieces = piecesOf(program.slice(0, longest))
  return (
    <pre class="python">
      <code>
        {pieces.map(({ name, text }, i) =>
          name ? (
            <span key={i} class={`py-${name}`}>
              {plain(text)}
            </span>
          ) : (
            plain(text)
          ),
        )}
        {program.length > longest && ' …'}
      </code>
    </pre>
  )
}
