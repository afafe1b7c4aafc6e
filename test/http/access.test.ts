/** Which requests the API answers, and what its answers forbid the page. */
import { describe, expect, test, vi } from 'vitest'
import { holdApi, token } from './hold-api.ts'

vi.mock('node:os', async original => ({
  ...(await original<typeof import('node:os')>()),
  hostname: () => 'DESKTOP-7Q',
}))

const { ask, askGuarded, post } = holdApi()

describe('access', () => {
  const at = (headers: Record<string, string>, askOne = askGuarded) =>
    askOne('/api/runs', { headers })

  test('beyond loopback requires the token', async () => {
    expect((await at({})).status).toBe(401)
    expect((await at({ authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await at({ authorization: `Bearer ${token}x` })).status).toBe(401)
    expect((await at({ authorization: `Basic ${token}` })).status).toBe(401)
    expect((await at({ authorization: `Bearer ${token}` })).status).toBe(200)
    expect((await askGuarded('/metrics')).status).toBe(401)
    expect((await askGuarded('/healthz')).status).toBe(200)
  })

  test('is refused under names that others may own, with the token or without', async () => {
    const authorization = `Bearer ${token}`
    expect((await at({ authorization, host: '192.168.1.7:4780' })).status).toBe(200)
    expect((await at({ authorization, host: 'evil.example' })).status).toBe(403)
    expect((await at({ host: '192.168.1.7:4780' }, ask)).status).toBe(403)
    expect((await at({ host: 'localhost.evil.example' }, ask)).status).toBe(403)
  })

  test('is allowed under our names: in small letters, or as the machine writes it', async () => {
    const authorization = `Bearer ${token}`
    for (const host of ['desktop-7q:4780', 'DESKTOP-7Q', 'LocalHost:4780']) {
      const origin = `http://${host.toLowerCase()}`
      expect((await at({ authorization, host, origin })).status, host).toBe(200)
    }
    expect((await at({ host: 'desktop-7q:4780' }, ask)).status).toBe(403)
  })

  test('is allowed on every loopback address', async () => {
    for (const host of ['127.0.0.2:4780', '127.1.2.3', 'localhost:4780', '[::1]:4780']) {
      expect((await at({ host }, ask)).status, host).toBe(200)
    }
    for (const host of ['127.0.0.1.evil.example', '127.0.0.2x', '127.evil.example', '[::12]']) {
      expect((await at({ host }, ask)).status, host).toBe(403)
    }
  })

  test('is refused to pages of other origins, including other ports of this machine', async () => {
    const host = '127.0.0.1:4780'
    expect((await at({ host, origin: 'http://127.0.0.1:4780' }, ask)).status).toBe(200)
    expect((await at({ host, origin: 'http://127.0.0.1:3000' }, ask)).status).toBe(403)
    expect((await at({ host, origin: 'null' }, ask)).status).toBe(403)
  })

  test('is refused to requests that another page embeds or fetches without an origin', async () => {
    const from = (site: string, mode: string) => ({
      'sec-fetch-site': site,
      'sec-fetch-mode': mode,
    })
    expect((await at(from('cross-site', 'no-cors'), ask)).status).toBe(403)
    expect((await at(from('same-site', 'cors'), ask)).status).toBe(403)
    expect((await at(from('cross-site', 'navigate'), ask)).status).toBe(200)
    expect((await at(from('same-origin', 'cors'), ask)).status).toBe(200)
    const command = { ...from('cross-site', 'navigate'), origin: 'https://evil.example' }
    expect((await post('/api/runs/made/stop', {}, command)).status).toBe(403)
  })

  test('every answer, including errors, forbids what the page does not need', async () => {
    for (const path of ['/api/runs', '/nothing', '/api/runs/..%2f..%2fetc/steps']) {
      const { answer } = await ask(path)
      expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'")
      expect(answer.headers.get('content-security-policy')).not.toContain('unsafe')
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    }
  })
})
