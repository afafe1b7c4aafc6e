/**
 * Traps on the host: a file that everybody may read, a folder that everybody may write to,
 * listeners, a bystander process, and secrets in all of them.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { root } from '../../src/config/paths.ts'
import { filesOf, readProcess, systemV } from './remains.ts'

export type Traps = {
  /** The values of @NAME@ in a program. */
  names: Record<string, string>
  /** Texts that no program may ever return. */
  secrets: string[]
  /** The expected value of a judged answer, which is secret. */
  expected: string
  bystander: number
  /** What was caught since the last call, in words. */
  look: () => string[]
  close: () => Promise<void>
}

const makeSecret = () => `azr-secret-${randomBytes(8).toString('hex')}`

function layFiles(secret: string) {
  const folder = mkdtempSync(join(tmpdir(), 'azr-traps-'))
  const file = join(folder, 'readable.txt')
  const open = join(folder, 'open')
  const lay = () => {
    mkdirSync(open, { recursive: true })
    rmSync(file, { recursive: true, force: true })
    writeFileSync(file, `${secret}\n`)
    chmodSync(folder, 0o755)
    chmodSync(open, 0o777)
    chmodSync(file, 0o644)
  }
  lay()
  return { folder, file, open, lay }
}

async function listen(caught: string[], unix: string, abstract: string) {
  const makeServer = (name: string) =>
    createServer(socket => {
      caught.push(`a connection: ${name}`)
      socket.on('error', () => {})
      socket.destroy()
    })
  const [tcp, path, hidden] = [makeServer('TCP'), makeServer('unix'), makeServer('abstract')]
  tcp.listen(0, '127.0.0.1')
  path.listen(unix)
  hidden.listen(`\0${abstract}`)
  const servers = [tcp, path, hidden]
  await Promise.all(servers.map(server => once(server, 'listening')))
  chmodSync(unix, 0o777)
  const udp = createSocket('udp4', () => caught.push('a UDP packet'))
  udp.bind(0, '127.0.0.1')
  await once(udp, 'listening')
  return {
    tcpPort: (tcp.address() as { port: number }).port,
    udpPort: udp.address().port,
    async close() {
      udp.close()
      await Promise.all(servers.map(server => new Promise(done => server.close(done))))
    },
  }
}

/** Lives as long as we do, with a secret in its arguments. Programs may try to end or stop it. */
function startBystander(uid: number, secret: string): ChildProcess {
  const ids = process.getuid?.() === 0 ? { uid, gid: uid } : {}
  const args = ['-c', `read nothing # ${secret}`]
  return spawn('/bin/sh', args, { ...ids, cwd: '/', stdio: ['pipe', 'ignore', 'ignore'] })
}

/** All that a program may try to change about the file, Node and the bystander, as one text. */
function fingerprint(file: string, pids: number[]): string {
  const { size, mode, mtimeMs, nlink, uid } = statSync(file)
  const processes = pids.map(pid => {
    const found = readProcess(pid)
    if (!found || found.state === 'T' || found.state === 'Z') return 'hurt'
    const cores = /Cpus_allowed:.*/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[0]
    return [found.nice, cores, readFileSync(`/proc/${pid}/limits`, 'utf8')].join(' ')
  })
  return [size, mode, mtimeMs, nlink, uid, ...processes].join('\n')
}

export async function setTraps(uid: number): Promise<Traps> {
  const [inFile = '', inEnv = '', inArgs = '', expected = ''] = Array.from(
    { length: 4 },
    makeSecret,
  )
  const { folder, file, open, lay } = layFiles(inFile)
  process.env.AZR_TEST_SECRET = inEnv
  const caught: string[] = []
  const abstract = `azr-trap-${randomBytes(4).toString('hex')}`
  const unix = join(folder, 'socket')
  const listeners = await listen(caught, unix, abstract)
  const bystander = startBystander(uid, inArgs).pid as number
  const watched = [process.pid, bystander]
  const earlier = new Set(filesOf(uid))
  const earlierSystemV = new Set(systemV())
  let before = fingerprint(file, watched)

  const look = () => {
    const news = filesOf(uid).filter(path => !earlier.has(path) && path !== folder)
    for (const path of news) earlier.add(path)
    const inOpen = readdirSync(open)
    for (const name of inOpen) rmSync(join(open, name), { recursive: true, force: true })
    const left = [...news, ...inOpen].map(name => `a file: ${name}`)
    const segments = systemV().filter(name => !earlierSystemV.has(name))
    for (const name of segments) earlierSystemV.add(name)
    const isSame = existsSync(file) && fingerprint(file, watched) === before
    if (!isSame) {
      left.push('the readable file, Node or the bystander was changed')
      // Reset, so that the next program is not blamed for it.
      lay()
      before = fingerprint(file, watched)
    }
    return [...left, ...segments, ...caught.splice(0)]
  }
  return {
    names: {
      HOST_FILE: file,
      HOST_DIR: open,
      HOST_NAME: basename(file),
      PROJECT: root,
      PORT: String(listeners.tcpPort),
      UDP: String(listeners.udpPort),
      UNIX: unix,
      ABSTRACT: abstract,
      VICTIM: String(bystander),
      NODE: String(process.pid),
      HOSTNAME: hostname(),
    },
    secrets: [inFile, inEnv, inArgs, expected],
    expected,
    bystander,
    look,
    async close() {
      process.kill(bystander, 'SIGKILL')
      await listeners.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
