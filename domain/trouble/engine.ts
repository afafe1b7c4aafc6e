/** Why errors of one group occur, and what to do: the engine (sampling). */

export const title = 'The engine (sampling)'

export const codes = {
  'engine-missing': {
    why: 'vLLM is not installed, or is installed for another device.',
    remedy: 'Run the `azr setup engine` command that the error names.',
  },
  'card-missing': {
    why: '`engine.cards` or `trainer.cards` names a card that is not visible.',
    remedy:
      'Count cards from 0 among those that `azr doctor` lists, or widen CUDA_VISIBLE_DEVICES.',
  },
  'engine-not-ready': {
    why: 'The engine is still starting.',
    remedy: 'Nothing: azr asks again. Raise `deadlines.startSeconds` if it never becomes ready.',
  },
  'engine-unreachable': {
    why: "The engine's server does not answer.",
    remedy:
      "Read `logs/engine.log` in the run's folder. azr restarts its own engine; start yours again.",
  },
  'engine-gone': {
    why: "The engine's process ended, or aborted its work. Often the memory of the card was exhausted.",
    remedy:
      "Read `logs/engine.log` in the run's folder. Lower `engine.memoryShare` or `engine.concurrency`.",
  },
  'engine-hangs': {
    why: 'The engine accepted requests and produced no token within the time limit.',
    remedy: 'Read `logs/engine.log`. Raise `deadlines.tokenSeconds` if the machine is very slow.',
  },
  'engine-refused': {
    why: 'The engine answered a request with an error.',
    remedy: "Read the answer in the error and `logs/engine.log` in the run's folder.",
  },
  'engine-unsuitable': {
    why:
      'The server answers without the token ids or log-probabilities that training needs, or one ' +
      'of them is not a number.',
    remedy:
      'Start the server with the command that `docs/explanation/engine.md` shows. If a value is ' +
      'NaN, the weights are broken: resume or fork from an earlier step.',
  },
  'endpoint-unusable': {
    why: 'A server in `engine.urls` cannot be used, for the reason in the error.',
    remedy: 'Start it with the command in the error, on a machine that shares the home folder.',
  },
  'endpoints-gone': {
    why: 'No server in `engine.urls` answers any more.',
    remedy: 'Start the servers again, then `azr resume RUN`.',
  },
  'endpoints-differ': {
    why: 'The servers score the same text differently, so they hold different weights.',
    remedy: 'Restart all servers with the same model and the same version of vLLM.',
  },
  'policy-stale': {
    why: 'The engine answered with another version of the weights than the one asked for.',
    remedy: 'Nothing: azr asks again. Report it if the run fails because of it.',
  },
}
