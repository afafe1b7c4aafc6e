/**
 * Loaded into azr first (`node --import`). When the file $AZR_HANG_NOW exists, the hang in
 * $AZR_HANG happens. Answers are lost on the sockets and pipes to the children, which keep working.
 * One message between actors is not delivered.
 */
import childProcess, { type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Actor } from 'xstate'

const { AZR_HANG: hang = '', AZR_HANG_NOW: file = '' } = process.env
const isNow = () => existsSync(file)

/** Everything that arrives from now on is lost. */
function mute(stream: Duplex): void {
  const push = stream.push.bind(stream)
  stream.push = (chunk, encoding) => (isNow() && chunk !== null ? true : push(chunk, encoding))
}

/** Python packages whose answers are lost. */
const muted = { learner: /azr_trainer/, executions: /azr_sandbox/ }[hang]
if (muted) {
  const spawn = childProcess.spawn
  childProcess.spawn = ((...args: Parameters<typeof spawn>) => {
    const child = spawn(...args) as ChildProcess
    if (muted.test(String(args[1]))) {
      for (const stream of child.stdio.slice(1)) if (stream) mute(stream as Duplex)
    }
    return child
  }) as typeof spawn
  syncBuiltinESMExports()
}

// The page's server has its own thread, so this thread has only the engine's socket.
if (hang === 'engine') {
  const connect = Socket.prototype.connect
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    mute(this)
    return (connect as (...args: unknown[]) => Socket).apply(this, args)
  } as typeof connect
}

if (hang === 'message') {
  type Inner = { _send: (event: { type: string }) => void }
  const inner = Actor.prototype as unknown as Inner
  const send = inner._send
  let isLost = false
  inner._send = function (event) {
    if (event.type === 'policy.updated' && isNow() && !isLost) isLost = true
    else send.call(this, event)
  }
}
