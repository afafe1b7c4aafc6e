// The API's routes, read from the OpenAPI document.

import { element } from './charts.js'

const document_ = await (await fetch('openapi.json')).json()
const rows = Object.entries(document_.paths).flatMap(([path, verbs]) =>
  Object.entries(verbs).map(([verb, { responses, parameters = [] }]) => {
    const answer = responses['200'] ?? responses['202']
    const names = parameters.filter(one => one.in === 'query').map(({ name }) => name)
    const cells = [verb.toUpperCase(), path, names.join(', '), answer?.description ?? '']
    return element('tr', {}, ...cells.map(text => element('td', {}, text)))
  }),
)
const headings = ['verb', 'path', 'query', 'answer'].map(text =>
  element('th', { scope: 'col' }, text),
)
document
  .getElementById('routes')
  .append(
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...headings)),
      element('tbody', {}, ...rows),
    ),
  )
