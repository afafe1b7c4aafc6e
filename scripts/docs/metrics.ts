/** docs/reference/metrics.md: the curves of a run, and the figures for Prometheus. */
import { familiesOf } from '../../src/http/families.ts'
import { code, made, prose, table } from './markdown.ts'

/**
 * KIND is a kind of task or `all`, ROLE is proposer or solver. A test compares the list with a run.
 */
const curves: [name: string, unit: string, meaning: string][] = [
  ['valid.KIND', 'share', 'proposals that became tasks, duplicates included'],
  ['duplicates.KIND', 'share', 'proposals that were valid but known already'],
  ['learnable.KIND', 'share', 'new tasks that are solved sometimes, but not always'],
  ['success.KIND', 'share', 'mean success rate of the answers to new tasks'],
  ['accuracy.KIND', 'share', 'answers that were right'],
  ['malformed.KIND', 'share', 'answers that could not be read'],
  ['reward.ROLE.KIND', '', 'mean reward'],
  ['length.ROLE.KIND', 'tokens', 'mean length of a completion'],
  ['truncated.ROLE.KIND', 'share', 'completions that reached their limit of tokens'],
  ['buffer.KIND', 'tasks', 'tasks that can be drawn'],
  ['complexity.KIND', '0 to 1', 'how complex new programs are'],
  ['editDistance.KIND', '0 to 1', 'how far new programs are from their references'],
  ['answerDiversity.KIND', '0 to 1', 'how rare the answers of new tasks are'],
  ['loss', '', 'loss of the update'],
  ['gradient.norm', '', 'norm of the gradient before clipping'],
  ['entropy', 'nats', 'mean entropy of a token'],
  ['clip.fraction', 'share', 'tokens whose ratio was clipped'],
  ['mismatch.kl', 'nats', 'divergence of engine and learner, mean of log ratios'],
  ['mismatch.k3', 'nats', 'the same with the k3 estimator, which is never negative'],
  ['mismatch.kl.ROLE.KIND', 'nats', 'the first of these by role and kind'],
  ['SUITE.KIND.MODE', 'share', 'held-out items answered rightly'],
  ['SUITE.KIND.sampled.pass', 'share', 'items of which some sampled answer is right'],
  ['SUITE.KIND.MODE.scratch', 'share', 'held-out answers that begin with working'],
  ['sandbox.outcome.OUTCOME', 'programs', 'programs by what they did, over the whole run'],
  ['sandbox.shared', 'runs', 'runs in a child shared with other programs'],
  ['sandbox.alone', 'runs', 'runs in a separate child'],
  ['sandbox.batches', 'children', 'children that were forked'],
  ['sandbox.anomalies', 'runs', 'runs repeated alone after a batch'],
  ['sandbox.audited', 'results', 'results checked by running them alone'],
  ['sandbox.mismatches', 'results', 'results that differed when run alone'],
  ['sandbox.restarts', 'processes', 'processes that were replaced'],
  ['sandbox.retries', 'jobs', 'jobs repeated because a process died'],
  ['engine.prefix.asked', 'tokens', 'prompt tokens, if the engine counts them'],
  ['engine.prefix.cached', 'tokens', 'prompt tokens found in the prefix cache'],
]

export const metricsPage = (): string =>
  [
    made,
    '# Metrics',
    '',
    'Each step of a run leaves figures, which make its curves. You find them in the table ' +
      '`metrics`, at',
    '`GET /api/runs/{id}/metrics?names=…`, on the page and in `azr export RUN --to tensorboard`.',
    '[Watch from Grafana](../how-to/grafana.md) shows how to collect those for Prometheus.',
    '',
    '## Curves',
    '',
    'KIND is a kind of task (`deduction`, `abduction`, `induction`, or yours) or `all`. ROLE is',
    '`proposer` or `solver`. SUITE and MODE are those of `evaluate`.',
    '',
    ...table(
      ['name', 'unit', 'meaning'],
      curves.map(([name, unit, meaning]) => [code(name), unit, meaning]),
    ),
    '## Prometheus',
    '',
    '`GET /metrics` gives these in the text format of Prometheus, for every run below the home. Each',
    'has the label `run`, except for `azr_build_info`. A counter only grows.',
    '',
    ...table(
      ['name', 'type', 'meaning'],
      familiesOf('', [], []).map(({ name, type, help }) => [code(name), type, prose(help)]),
    ),
  ].join('\n')
