/**
 * The page, the API and its events behind Debian's nginx and caddy, under a name and a path. The
 * name is passed on or replaced, the path kept or removed. If a proxy is not installed its part is
 * skipped: `apt-get install nginx-light caddy`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readHosts, readPublicUrl } from '../../src/http/public.ts'
import { type HttpServer, startServer } from '../../src/http/serve.ts'
import { temporary } from '../temporary.ts'
import { makeRun } from '../web/made-run.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const folder = temporary('proxy')
const name = 'azr.example.com'
let server: HttpServer
let port = ''

beforeAll(async () => {
  await makeRun(folder, 'made', 'def f(a):\n return a')
  const publicUrl = readPublicUrl(`https://${name}/base`)
  const names = { publicUrl, hosts: readHosts('azr'), trustsForwarded: false }
  server = await startServer({ home: folder, port: undefined, names })
  port = new URL(server.local).port
})
afterAll(() => server.close())

async function freePort(): Promise<number> {
  const socket = createServer()
  await new Promise<void>(done => socket.listen(0, '127.0.0.1', done))
  const { port } = socket.address() as { port: number }
  await new Promise(done => socket.close(done))
  return port
}

const hasProgram = (program: string) =>
  ['/usr/sbin', '/usr/bin'].some(place => existsSync(join(place, program)))

type Proxy = (at: number, keepsHost: boolean, keepsPath: boolean) => [string, string[]]

const nginx: Proxy = (at, keepsHost, keepsPath) => {
  const file = join(folder, `nginx-${at}.conf`)
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    kind => `${kind}_temp_path ${folder}/${kind};`,
  )
  writeFileSync(
    file,
    `daemon off; pid ${folder}/nginx-${at}.pid; error_log stderr; events {}
http { access_log off; ${places.join(' ')}
  server { listen 127.0.0.1:${at};
    location /base/ { proxy_pass http://127.0.0.1:${port}${keepsPath ? '' : '/'};
      ${keepsHost ? 'proxy_set_header Host $host;' : ''} } } }`,
  )
  return ['nginx', ['-c', file, '-e', 'stderr']]
}

const caddy: Proxy = (at, keepsHost, keepsPath) => {
  const file = join(folder, `caddy-${at}`)
  const host = keepsHost ? '' : `header_up Host 127.0.0.1:${port}`
  writeFileSync(
    file,
    `{
  admin off
  auto_https off
}
http://:${at} {
  bind 127.0.0.1
  ${keepsPath ? 'handle' : 'handle_path'} /base/* {
    reverse_proxy 127.0.0.1:${port} {
      ${host}
    }
  }
}`,
  )
  return ['caddy', ['run', '--adapter', 'caddyfile', '--config', file]]
}

/** Requests like a browser's at the public address. */
async function ask(
  at: number,
  path: string,
  init: { method?: string; token?: string | null; seconds?: number } = {},
) {
  const { method = 'GET', token = server.token, seconds = 10 } = init
  const headers = [
    `host: ${name}`,
    ...(method === 'GET' ? [] : [`origin: https://${name}`, 'sec-fetch-site: same-origin']),
    ...(token === null ? [] : [`authorization: Bearer ${token}`]),
  ].flatMap(header => ['-H', header])
  const url = `http://127.0.0.1:${at}${path}`
  const given = [
    '-s',
    '-m',
    String(seconds),
    '-o',
    '-',
    '-w',
    '\n%{http_code} %{redirect_url}',
    '-X',
    method,
  ]
  const { stdout } = spawnSync('curl', [...given, ...headers, url], { encoding: 'utf8' })
  const end = stdout.lastIndexOf('\n')
  const [status = '', to = ''] = stdout.slice(end + 1).split(' ')
  return { status: Number(status), to, body: stdout.slice(0, end) }
}

describe.each([
  ['nginx', nginx],
  ['caddy', caddy],
] as const)('behind %s', (program, configure) => {
  const isMissing = !hasProgram(program) || !hasProgram('curl')
  if (isMissing) process.stderr.write(`skipped: ${program} or curl is not installed\n`)

  describe.skipIf(isMissing).each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('its name forwarded: %s, the path kept: %s', (keepsHost, keepsPath) => {
    let child: ChildProcess
    let at = 0
    beforeAll(async () => {
      at = await freePort()
      const [command, args] = configure(at, keepsHost, keepsPath)
      const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
      const PATH = `${process.env.PATH}:/usr/sbin`
      child = spawn(command, args, { env: { ...env, PATH }, stdio: 'ignore' })
      for (let tries = 0; (await ask(at, '/base/healthz')).status !== 200; tries++) {
        if (tries > 100) throw new Error(`${program} does not answer`)
        await sleep(100)
      }
    })
    afterAll(() => void child.kill())

    test('the page, with relative names of its files', async () => {
      const { status, body } = await ask(at, '/base/', { token: null })
      expect(status).toBe(200)
      const files = [...body.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(
        ([, file]) => file,
      )
      for (const file of files) {
        const { href, pathname } = new URL(file ?? '', `https://${name}/base/`)
        expect(href).toMatch(`https://${name}/base/`)
        expect((await ask(at, pathname)).status).toBe(200)
      }
      expect((await ask(at, '/base/docs')).status).toBe(200)
    })

    test('the API, which accepts commands from the public page', async () => {
      expect((await ask(at, '/base/api/runs')).body).toContain('"made"')
      expect((await ask(at, '/base/api/runs', { token: null })).status).toBe(401)
      expect((await ask(at, '/base/metrics')).status).toBe(200)
      // The run is idle: refused for that reason, not for the origin.
      const { status, body } = await ask(at, '/base/api/runs/made/pause', { method: 'POST' })
      expect([status, body]).not.toContain(403)
      expect(body).not.toMatch(/page of|host/)
    })

    test('events as they come', async () => {
      const { body } = await ask(at, '/base/api/runs/made/events', { seconds: 2 })
      expect(body).toMatch(/^(?::|id: |event: |retry: )/m)
    })
  })
})

describe('names and origins', () => {
  const asked = (headers: Record<string, string>, path = '/api/runs', local = server) =>
    spawnSync(
      'curl',
      [
        ...['-s', '-o', '/dev/null', '-w', '%{http_code}'],
        ...['-H', `authorization: Bearer ${local.token}`],
        ...Object.entries(headers).flatMap(([key, value]) => ['-H', `${key}: ${value}`]),
        new URL(path.slice(1), local.local).href,
      ],
      { encoding: 'utf8' },
    ).stdout

  test.skipIf(!hasProgram('curl'))('the given ones are accepted, and no others', () => {
    expect(asked({ host: 'azr:4780' }, '/metrics')).toBe('200')
    expect(asked({ host: 'other:4780' }, '/metrics')).toBe('403')
    expect(asked({ host: `${name}.evil.example` })).toBe('403')
    expect(asked({ host: name, origin: `https://${name}` })).toBe('200')
    expect(asked({ host: name, origin: 'https://evil.example' })).toBe('403')
    expect(asked({ origin: `https://${name}:8443` })).toBe('403')
  })

  test.skipIf(!hasProgram('curl'))('a forwarded name counts only if it is trusted', async () => {
    const forged = { host: 'other', 'x-forwarded-host': 'azr' }
    expect(asked(forged)).toBe('403')
    const names = { publicUrl: null, hosts: ['azr'], trustsForwarded: true }
    const trusting = await startServer({ home: folder, port: undefined, names })
    try {
      expect(asked(forged, '/api/runs', trusting)).toBe('200')
      expect(asked({ 'x-forwarded-host': 'other' }, '/api/runs', trusting)).toBe('403')
      const origin = { 'x-forwarded-host': 'azr', origin: 'https://azr' }
      expect(asked(origin, '/api/runs', trusting)).toBe('200')
    } finally {
      await trusting.close()
    }
  })

  test('the public address is printed, and requires a token', () => {
    expect(server.url).toBe(`https://${name}/base/`)
    expect(server.token).toMatch(/^.{16,}$/)
  })

  test.each(['azr.example.com', 'ftp://a', 'https://a?b', 'https://a#b', 'https://a:b@c'])(
    'not as %s',
    text => expect(() => readPublicUrl(text)).toThrow(/Cannot use --public-url/),
  )
  test.each(['a:80', 'http://a', '*', '', 'a b'])('not for %j', text =>
    expect(() => readHosts(text)).toThrow(/Cannot use --allow-host/),
  )
})
