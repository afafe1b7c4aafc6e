/**
 * Reads the fields of a JSON object as their source text: 1.0 stays 1.0, and long integers stay
 * exact, unlike with JSON.parse. It needs text that JSON.parse accepts.
 */

/** The end of the value that begins at `from`. */
function endOf(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const char = text[at]
    if (char === '"') at = endOfString(text, at)
    else if (char === '[' || char === '{') depth++
    else if (char === ']' || char === '}') {
      if (depth === 0) return at
      depth--
    } else if (char === ',' && depth === 0) return at
  }
  return text.length
}

/** The position of the closing quote. */
function endOfString(text: string, from: number): number {
  let at = from + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

export function rawFields(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  let at = text.indexOf('{') + 1
  for (;;) {
    const open = text.indexOf('"', at)
    if (open < 0) return fields
    const close = endOfString(text, open)
    const colon = text.indexOf(':', close)
    const end = endOf(text, colon + 1)
    fields.set(JSON.parse(text.slice(open, close + 1)), text.slice(colon + 1, end).trim())
    at = end + 1
  }
}
