/** Which test runs the shell blocks of a page. */
export const runBy: Record<string, string> = {
  'README.md': 'test/whole/guides.test.ts',
  'docs/tutorial/first-run.md': 'test/whole/tutorial.test.ts',
  'docs/tutorial/read-a-task.md': 'test/whole/tutorial.test.ts',
  'docs/tutorial/compare.md': 'test/whole/tutorial.test.ts',
  'docs/tutorial/fork.md': 'test/whole/tutorial.test.ts',
  'docs/tutorial/score.md': 'test/whole/tutorial.test.ts',
  'docs/how-to/gpu.md': 'test/whole/guides.test.ts',
  'docs/how-to/gpu-80gb.md': 'test/whole/guides.test.ts',
  'docs/how-to/own-code.md': 'test/whole/corpus.test.ts',
  'docs/how-to/own-model.md': 'test/whole/guides.test.ts',
  'docs/how-to/grade-answers.md': 'test/whole/guides.test.ts',
  'docs/how-to/resume.md': 'test/whole/guides.test.ts',
  'docs/how-to/move-a-run.md': 'test/whole/guides.test.ts',
  'docs/how-to/export.md': 'test/whole/guides.test.ts',
  'docs/how-to/add-a-benchmark.md': 'test/whole/suite.test.ts',
  'docs/how-to/add-a-kind.md': 'test/whole/kind.test.ts',
  'docs/how-to/add-a-reward.md': 'test/whole/reward.test.ts',
}

/** Which test runs the Python blocks of a page. */
export const pythonRunBy: Record<string, string> = {
  'docs/how-to/python.md': 'test/whole/guides.test.ts',
}
