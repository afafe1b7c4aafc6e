/** Why errors of one group occur, and what to do: the learner (training). */

export const title = 'The learner (training)'

export const codes = {
  'learner-not-ready': {
    why: 'The learner is still starting.',
    remedy: 'Nothing: azr asks again.',
  },
  'learner-gone': {
    why: "The learner's process ended. Often the memory was exhausted.",
    remedy:
      "Read `logs/learner.log` in the run's folder. Lower `trainer.microBatchTokens`, then `azr resume RUN`.",
  },
  'learner-silent': {
    why: 'The learner did not answer within its time limit.',
    remedy:
      "Read `logs/learner.log` in the run's folder. Raise `deadlines.serviceSeconds` if the machine is slow.",
  },
  'learner-refused': {
    why: 'The learner reported an error for one request.',
    remedy: "Read `logs/learner.log` in the run's folder, which has the whole traceback.",
  },
  'merge-failed': {
    why: 'The LoRA adapter could not be merged into the model.',
    remedy:
      "Check the free memory and disk space, and that the model's files are those of the run.",
  },
}
