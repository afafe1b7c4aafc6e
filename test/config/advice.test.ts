import { describe, expect, test } from 'vitest'
import { reasonIn } from '../../src/config/advice.ts'

describe('the most useful line of a log', () => {
  test("is the root of a chain of errors, without the logger's prefix", () => {
    const lines = [
      '(EngineCore pid=7) ERROR 11-25 01:00:00 [core.py:10] RuntimeError: operator torchvision::nms does not exist',
      '(EngineCore pid=7) ERROR 11-25 01:00:00 [core.py:10] ',
      '(EngineCore pid=7) ERROR 11-25 01:00:00 [core.py:10] The above exception was the direct cause of the following exception:',
      "(EngineCore pid=7) ERROR 11-25 01:00:00 [core.py:10] ModuleNotFoundError: Could not import module 'Qwen2ForCausalLM'",
      'Traceback (most recent call last):',
      '  File "api_server.py", line 3, in <module>',
      'RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}',
    ]
    expect(reasonIn(lines)).toBe(
      'RuntimeError: operator torchvision::nms does not exist (make its environment again: `azr setup engine --force`)',
    )
  })

  test('is the last of several unrelated errors', () => {
    const lines = ['ValueError: bad request', 'INFO: fine', 'MemoryError: out of memory']
    expect(reasonIn(lines)).toMatch(/^MemoryError: out of memory \(lower its memory/)
  })

  test('ignores progress, and removes terminal control characters', () => {
    expect(reasonIn(['{"event": "ready"}', '\u001b[31mKilled\u001b[0m\u0007'])).toBe('Killed')
    expect(reasonIn([])).toBe('')
  })
})
