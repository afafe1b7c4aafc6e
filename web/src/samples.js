// What the model invented and how it was solved. All of it is its own text, and goes in as text.

import { element } from './charts.js'

const most = 4

function questionOf({ kind, pairs, message }) {
  const [pair] = pairs
  if (kind === 'deduction') return `f(${pair.input}) = ?   it is ${pair.output}`
  if (kind === 'abduction') return `f(?) = ${pair.output}   one is ${pair.input}`
  const shown = pairs.slice(0, most).map(({ input, output }) => `f(${input}) = ${output}`)
  return [...shown, 'f = ?', ...(message ? [message] : [])].join('\n')
}

function answerItem({ answer, working, verdict, count }) {
  const times = count > 1 ? ` ×${count}` : ''
  const how = working === null ? [] : [element('pre', { class: 'working' }, working)]
  return element(
    'li',
    { class: ['correct', 'wrong'].includes(verdict) ? verdict : 'other' },
    element('span', {}, `${verdict}${times}${working === null ? '' : ', with its working'}`),
    ...how,
    element('pre', {}, answer),
  )
}

function card(sample) {
  const { step, kind, program, success_rate, estimates, answers } = sample
  const solved = `step ${step}, solved ${Math.round(success_rate * estimates)} of ${estimates}`
  return element(
    'article',
    {},
    element('header', {}, element('strong', {}, kind), element('span', {}, solved)),
    element('pre', {}, program),
    element('pre', { class: 'asked' }, questionOf(sample)),
    element('ul', {}, ...answers.slice(0, most).map(answerItem)),
  )
}

/** `samples`: as the API gives them. */
export function sampleCards(samples) {
  if (samples.length > 0) return samples.map(card)
  return [element('p', { class: 'empty' }, 'The first tasks with answers come with step 1.')]
}
