// The page: it reads the API, listens to the run's events, and draws. Everything that a model wrote
// is put in as text.

import { chart, element } from './charts.js'
import { heldOut } from './learning.js'
import { sampleCards } from './samples.js'

const kinds = ['deduction', 'abduction', 'induction']
const find = id => document.getElementById(id)
let source = null
let isStale = true

async function get(path) {
  const answer = await fetch(path)
  const body = await answer.json()
  if (!answer.ok) throw new Error(body.detail)
  return body
}

const chosen = () => find('run').value
const at = path => `api/runs/${encodeURIComponent(chosen())}/${path}`

/** Only a run that is done has an outcome; before that it is how things stand. */
function showOutcome(sentence, status) {
  find('outcome').hidden = sentence === null
  const lead = status === 'finished' ? '' : 'So far. '
  find('outcome').replaceChildren(element('strong', {}, lead), sentence ?? '')
}

function showCurves(curves) {
  const perKind = name =>
    kinds.map(kind => ({ name: kind, className: kind, points: curves[`${name}.${kind}`] ?? [] }))
  const one = (name, key) => ({ name, className: 'other', points: curves[key] ?? [] })
  find('curves').replaceChildren(
    chart('Answers that are right', perKind('accuracy')),
    chart('Learnable tasks: solved sometimes', perKind('learnable')),
    chart('Proposals that are valid tasks', perKind('valid')),
    chart('Mean reward, solver', [one('all kinds', 'reward.solver.all')], { isShare: false }),
    chart('Entropy, nats a token', [one('policy', 'entropy')], { isShare: false }),
    chart('Tasks in the buffers', perKind('buffer'), { isShare: false }),
  )
}

function table(headings, rows) {
  const head = element('tr', {}, ...headings.map(text => element('th', { scope: 'col' }, text)))
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows))
}

const ago = ms => {
  const seconds = Math.max(0, Math.round((Date.now() - ms) / 1000))
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}

function showMachines(items, isAlive) {
  if (!isAlive) {
    const text = 'Nobody works on this run now.'
    return find('machines').replaceChildren(element('p', { class: 'empty' }, text))
  }
  const order = ['run', 'proposer', 'solver', 'executor', 'evaluator', 'trainer', 'engine']
  items.sort((a, b) => order.indexOf(a.actor) - order.indexOf(b.actor))
  const rows = items.map(({ actor, state, since_ms, deadline_ms, last_message }) => {
    const isLate = state !== 'idle' && Date.now() - since_ms > deadline_ms
    const last = last_message ? `${last_message.type}, ${ago(last_message.at_ms)} ago` : ''
    const cells = [actor, state, ago(since_ms), `${Math.round(deadline_ms / 1000)} s`, last]
    return element(
      'tr',
      isLate ? { class: 'late' } : {},
      ...cells.map(text => element('td', {}, text)),
    )
  })
  find('machines').replaceChildren(
    table(['actor', 'state', 'for', 'deadline', 'last message'], rows),
  )
}

async function refresh() {
  if (!isStale || !chosen()) return
  isStale = false
  const run = await get(`api/runs/${encodeURIComponent(chosen())}`)
  const isAlive = ['running', 'paused'].includes(run.status)
  const step = run.step === null ? 'seeding' : `step ${run.step} of ${run.steps}`
  find('status').textContent = `${run.status}, ${step}`
  const [learning, samples, curves, machines] = await Promise.all([
    get(at('learning')),
    get(at('samples')),
    get(at('metrics?names=accuracy.*,learnable.*,valid.*,reward.solver.all,entropy,buffer.*')),
    get(at('machines')),
  ])
  showOutcome(learning.outcome, run.status)
  find('suites').replaceChildren(...heldOut(learning.lines, run.step ?? 0))
  showCurves(curves)
  find('samples').replaceChildren(...sampleCards(samples.items))
  showMachines(machines.items, isAlive)
}

function listen() {
  source?.close()
  source = new EventSource(at('events?types=machine.changed'))
  source.addEventListener('machine.changed', () => {
    isStale = true
  })
}

async function listRuns() {
  const { items } = await get('api/runs')
  find('empty').hidden = items.length > 0
  for (const section of document.querySelectorAll('section')) section.hidden = items.length === 0
  const select = find('run')
  if (items.length === select.options.length) return
  items.sort((a, b) => b.created_at_ms - a.created_at_ms)
  const before = select.value || location.hash.slice(1)
  select.replaceChildren(...items.map(({ id }) => element('option', { value: id }, id)))
  if (items.some(({ id }) => id === before)) select.value = before
  if (select.value) choose()
}

function choose() {
  history.replaceState(null, '', `#${chosen()}`)
  isStale = true
  listen()
}

async function tick() {
  try {
    await listRuns()
    await refresh()
  } catch (error) {
    find('status').textContent = `cannot reach azr: ${error.message}`
    isStale = true
  }
  setTimeout(tick, 1000)
}

find('run').addEventListener('change', choose)
tick()
