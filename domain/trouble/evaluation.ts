/** Why errors of one group occur, and what to do: evaluation and benchmarks. */

export const title = 'Evaluation and benchmarks'

export const codes = {
  'suite-unknown': {
    why: 'There is no suite or benchmark of that name.',
    remedy: 'List them with `azr data list`.',
  },
  'suite-changed': {
    why: 'An item of the suite differs from the one that the run was asked.',
    remedy: 'Restore the old file, or begin a new run or evaluation.',
  },
  'benchmark-missing': {
    why: 'The items of the benchmark are not on this machine.',
    remedy: 'Fetch them with `azr data fetch NAME`, or name their folder with `--data DIR`.',
  },
  'benchmark-unreadable': {
    why: "A line of the benchmark's file cannot be read.",
    remedy: 'Fetch it again with `azr data fetch NAME`, or correct the line in the error.',
  },
  'completions-unreadable': {
    why: 'A line of the file has the wrong form, or names an item that the suite does not have.',
    remedy: 'Write one `{"id": "…", "completion": "…"}` a line, with the ids of the suite.',
  },
  'evaluation-unknown': {
    why: 'There is no finished evaluation of that name.',
    remedy: 'List them with `azr runs`. Finish it with the same `azr eval` command.',
  },
  'evaluation-changed': {
    why: 'The evaluation was begun with other settings.',
    remedy: 'Repeat them, or choose another name with `--run`.',
  },
  'evaluations-differ': {
    why: 'The two evaluations did not ask the same items in the same way.',
    remedy: 'Score both with the same suites and settings.',
  },
  'download-failed': {
    why: 'The download failed or stopped early.',
    remedy: 'Check the network, then run the same command again. It continues where it stopped.',
  },
  'download-changed': {
    why: 'The file is not the pinned one: its SHA-256 differs.',
    remedy: 'Delete the file and fetch it again. Report it if the sum still differs.',
  },
  'fetch-impossible': {
    why: 'The benchmark cannot be fetched in this way.',
    remedy: 'Follow the advice in the error.',
  },
}
