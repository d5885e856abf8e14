/** Hosts and authorities, and what they name. */
import { expect, test } from 'vitest'
import { socketError } from '../sockets/errors.ts'
import { answerOf, sentenceOf } from './errors.ts'
import { targetOf, targetOfAuthority } from './target.ts'

test('names under the suffix are services, others hosts or refused', () => {
  expect(targetOf('WEB.acme.serval.', 80, {})).toMatchObject({ kind: 'service', service: 'acme/web' })
  expect(targetOf('web.acme.internal', 80, { suffix: '.internal' })).toMatchObject({ service: 'acme/web' })
  expect(() => targetOf('example.com', 80, {})).toThrow('PROXY_REFUSED')
  expect(() => targetOf('web.acme.serval', 80, { suffix: '.internal' })).toThrow('PROXY_REFUSED')
  expect(targetOf('example.com', 80, { direct: true })).toEqual({
    kind: 'host',
    host: 'example.com',
    port: 80,
  })
})

test.for([
  'serval',
  '.serval',
  'a..serval',
  'serval.',
  '..serval.',
])('%s is no service, and is not looked up elsewhere', host => {
  expect(() => targetOf(host, 80, { direct: true })).toThrow('PROXY_REFUSED')
})

test.for(['', 'a b', 'a\0.serval', 'caf\u00e9.example', 'a\r\nb', 'x'.repeat(256)])('%j is no host', host => {
  expect(() => targetOf(host, 80, { direct: true })).toThrow('PROXY_TARGET')
})

test('ports are 1 to 65535', () => {
  for (const port of [0, 65_536, Number.NaN])
    expect(() => targetOf('a.serval', port, {})).toThrow('PROXY_TARGET')
})

test('an authority is a host with a port, and an IPv6 address in brackets', () => {
  const naming = { direct: true }
  expect(targetOfAuthority('web.acme.serval:80', undefined, naming)).toMatchObject({
    service: 'acme/web',
    port: 80,
  })
  expect(targetOfAuthority('[2001:db8::1]:443', undefined, naming)).toMatchObject({
    host: '2001:db8::1',
    port: 443,
  })
  expect(targetOfAuthority('[::1]', 80, naming)).toMatchObject({ host: '::1', port: 80 })
  for (const text of [
    '',
    'host',
    ':80',
    'user@host:80',
    'host:80:80',
    '::1:80',
    'host:999999',
    'a/b:80',
    '[::1:80',
  ])
    expect(() => targetOfAuthority(text, undefined, naming)).toThrow('PROXY_TARGET')
})

test.for([
  ['ECONNREFUSED', 5, 502],
  ['ENOTFOUND', 4, 502],
  ['ENETUNREACH', 3, 502],
  ['ETIMEDOUT', 6, 504],
  ['ENOBUFS', 1, 503],
] as const)('%s is reply %d of SOCKS and status %d of HTTP', ([code, reply, status]) => {
  expect(answerOf(socketError(code, 'connect'))).toMatchObject({ reply, status })
})

test('an error is a sentence that begins with its code', () => {
  expect(sentenceOf(socketError('ECONNREFUSED', 'connect', { service: 'acme/web' }))).toMatch(
    /^ECONNREFUSED: acme\/web: nobody listens/,
  )
  expect(sentenceOf(new Error('odd'))).toBe('UNKNOWN: odd')
})
