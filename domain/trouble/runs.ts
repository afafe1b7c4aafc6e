/** Why errors of one group occur, and what to do: runs. */

export const title = 'Runs'

export const codes = {
  'run-name': {
    why: 'The name of a run becomes the name of a folder, so its characters are limited.',
    remedy:
      'Use small letters, digits, dots, dashes and underscores. Begin with a letter or a digit.',
  },
  'run-unknown': {
    why: 'There is no run of that name in this home folder.',
    remedy: 'List the runs with `azr runs`. Name another home folder with `--home DIR`.',
  },
  'run-exists': {
    why: 'A run of that name exists.',
    remedy: 'Continue it with `azr resume RUN`, or choose another name with `--run NAME`.',
  },
  'run-owned': {
    why: 'Another azr process works on the run. Two processes would write to the same database.',
    remedy: 'See `azr status`. End the other process with `azr stop RUN`.',
  },
  'run-idle': {
    why: 'No process works on the run, so nothing can receive the command.',
    remedy: 'Start the run first: `azr resume RUN`.',
  },
  'run-without-steps': {
    why: 'The run has not finished a step yet.',
    remedy: 'Wait for the first step, or continue the run with `azr resume RUN`.',
  },
  'stop-unconfirmed': {
    why: 'The run was asked to stop, and has not ended within the time limit.',
    remedy: 'Look at `azr status`. A long training step can take minutes: ask again later.',
  },
  'start-failed': {
    why: 'The run was started in the background and ended at once, or did not report in time.',
    remedy:
      'Look at `azr runs`, then start it in a terminal to see its output: `azr train PRESET`.',
  },
  'step-unknown': {
    why: 'The run has not reached that step, or does not keep its checkpoint.',
    remedy: 'Choose one of the steps in the error.',
  },
  'row-unknown': {
    why: 'The run has no row with that id.',
    remedy: 'Copy the id from the page or from `azr trace RUN STEP`.',
  },
  'fork-past-end': {
    why: 'The fork would begin at or after its own last step.',
    remedy: 'Raise the number of steps with `--set steps=N`.',
  },
  'fork-unlike': {
    why: 'The weights at that step have another shape or optimiser than the new settings need.',
    remedy:
      'Keep the old settings, fork at step 0, or export the weights and begin a new run from them.',
  },
  'seeding-failed': {
    why: 'The model wrote too few valid tasks to begin self-play with.',
    remedy:
      'Use a stronger model, lower `seeding.minimum`, or bring seeds along with `seeding.from`.',
  },
  'seeds-unreadable': {
    why: 'The file of seeds cannot be read, or one of its lines is not a seed.',
    remedy: 'Correct the line in the error. `azr seeds import FILE` checks a file.',
  },
  'updates-skipped': {
    why: 'Too many updates in a row were skipped because their loss or gradient was not finite or too large.',
    remedy: 'Fork from before them with a lower `trainer.learningRate`.',
  },
  'replay-differs': {
    why: 'The replay produced a row that differs from the recorded one.',
    remedy: 'Check that the version of azr, the plug-ins and the machine are those of the run.',
  },
  'replay-needs-execute': {
    why: 'The run has answers to benchmarks, which only a real execution can grade.',
    remedy: 'Add `--execute`.',
  },
  'replay-limits': {
    why: 'The replay needs a result that the run did not record.',
    remedy: 'Replay to an earlier step, or report it if the run is complete.',
  },
  'redo-impossible': {
    why: 'azr computes lost weights again from the recorded updates, and a recorded update is missing.',
    remedy: 'Run `azr db check RUN`. Resume or fork from a step whose checkpoint is kept.',
  },
  'redo-differs': {
    why: 'azr computed lost weights again, and they differ from the recorded ones.',
    remedy:
      'Use the torch version, processor and thread count of the run, or fork from a kept checkpoint.',
  },
  'row-changed': {
    why: 'A stored row was made from another input, so it does not belong to this config.',
    remedy: 'Resume with the version of azr that began the run, or begin a new run.',
  },
}
