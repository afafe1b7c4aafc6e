/** The commands of a shell block, as words. Knows quotes, comments, pipes and heredocs. */

/** Words of one command line; null at a quote that is not closed. */
export function wordsOf(line: string): string[] {
  const words = line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)
  return [...words].map(([word]) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'))
}

/** Each command of a block, without comments, prompts of variables and redirections. */
export function commandsOf(text: string): string[][] {
  return text
    .replaceAll(/<<'?(\w+)'?(.*\n)[\s\S]*?\n\1$/gm, '$2')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map(line => line.replace(/(^|\s)#.*$/, ''))
    .flatMap(line => splitOutsideQuotes(line))
    .map(wordsOf)
    .filter(words => words.length > 0)
}

function splitOutsideQuotes(line: string): string[] {
  const parts: string[] = ['']
  let quote = ''
  for (const char of line) {
    if (quote === '' && /[|;&]/.test(char)) parts.push('')
    else parts[parts.length - 1] += char
    if (quote === char) quote = ''
    else if (quote === '' && /['"]/.test(char)) quote = char
  }
  return parts
}

/** The words after `azr`, for commands that call it. */
export function azrCallsOf(text: string): string[][] {
  return commandsOf(text).flatMap(([program = '', ...words]) => {
    const redirected = words.findIndex(word => /^[0-9]?[<>]/.test(word))
    const own = redirected < 0 ? words : words.slice(0, redirected)
    return /^(.*\/)?azr$/.test(program) ? [own] : []
  })
}
