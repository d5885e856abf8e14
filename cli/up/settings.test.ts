import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CliError } from '../errors.ts'
import { settingsIn } from './settings.ts'

const WHOLE = `
addresses: [127.0.0.1, 127.0.0.2:54325]
advertise: [203.0.113.5]
mobility: best
controllers: [192.0.2.1]
priority: 50
weight: 3
lease: 60s
drain: 30s
metrics: 127.0.0.1:9464
rules: [acme/db=via 192.0.2.7 weight 2, old=drop]
services:
  acme/echo: { echo: true }
  acme/motd: { file: motd.txt, deadAfter: 100s }
  acme/web: { tcp: '127.0.0.1:8080' }
  'acme/store/*': { exec: ./store.sh, execLimit: 4 }
`

test('a file of settings has this meaning', () => {
  const settings = settingsIn(WHOLE, '/etc/serval/services.yaml')
  expect(settings).toMatchObject({
    advertise: ['203.0.113.5'],
    mobility: 'best',
    priority: 50,
    weight: 3,
    leaseMs: 60_000,
    drainMs: 30_000,
  })
  expect(settings.rules).toEqual([
    { prefix: 'acme/db', target: { via: '192.0.2.7' }, priority: expect.any(Number), weight: 2 },
    { prefix: 'old', target: 'drop', priority: expect.any(Number), weight: 1 },
  ])
  expect(Object.fromEntries(settings.services)).toEqual({
    'acme/echo': { echo: true },
    'acme/motd': { file: '/etc/serval/motd.txt', deadAfterMs: 100_000 },
    'acme/web': { tcp: '127.0.0.1:8080' },
    'acme/store/*': { exec: './store.sh', execLimit: 4 },
  })
})

test('the files of a controller are beside the file of settings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'serval-up-'))
  const token = 'a'.repeat(32)
  writeFileSync(join(folder, 'host.token'), token)
  try {
    const { controllers } = settingsIn(
      'controllers: [tls://192.0.2.1?token=host.token]',
      join(folder, 'services.yaml'),
    )
    expect(controllers).toEqual([{ via: '192.0.2.1', tls: {}, token }])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('an empty file offers nothing', () => {
  expect([settingsIn('', 'x').services.size, settingsIn('# later', 'x').rules]).toEqual([0, []])
})

describe('a fault is reported with its line and column', () => {
  test.for([
    ['1:1', 'port: 80', 'port'],
    ['2:3', 'services:\n  acme/web:\n    tpc: 80', 'tpc', '3:5'],
    ['3:5', 'services:\n  acme/web:\n    tcp: 127.0.0.1:99999', 'not a TCP endpoint'],
    ['3:5', 'services:\n  acme/web:\n    echo: false', 'give true'],
    ['2:3', 'services:\n  acme/web: {}', 'there is none'],
    ['2:3', 'services:\n  acme/web: { echo: true, tcp: 80 }', 'echo and tcp'],
    ['2:3', 'services:\n  //: { echo: true }', 'SERVICE_'],
    ['3:3', 'services:\n  acme/web: { echo: true }\n  Acme/Web: { echo: true }', 'the service acme/web'],
    ['3:5', 'services:\n  acme/web:\n    check: tcp:80\n    echo: true', 'name one in controllers'],
    ['3:5', 'services:\n  acme/web:\n    checkEvery: 1s\n    echo: true', 'there is no check'],
    ['1:13', 'addresses: [nowhere]', 'LINK_ADDRESS'],
    ['1:13', 'advertise: [nowhere]', 'LINK_ADDRESS'],
    ['2:5', 'controllers:\n  - 192.0.2.1:x', 'LINK_ADDRESS'],
    ['1:9', 'rules: [acme]', 'is not a rule'],
    ['1:1', 'lease: 1ms', 'lease'],
    ['1:1', 'weight: 1.5', 'a whole number'],
    ['1:1', 'mobility: fly', 'one of stay'],
    ['1:1', '- a list', 'a map'],
    ['2:1', 'drain: 30s\ndrain: 40s', 'unique'],
    ['1:1', 'services: [', 'correct the YAML', '1:12'],
  ])('%s: %s', ([place, source, what, other]) => {
    expect(() => settingsIn(source as string, 'a.yaml')).toThrow(
      expect.objectContaining({ code: 'CLI_SETTINGS', message: expect.stringContaining(what as string) }),
    )
    expect(() => settingsIn(source as string, 'a.yaml')).toThrow(`a.yaml:${other ?? place}: `)
  })
})

test('any text is read, or rejected with a place', () => {
  const word = fc.constantFrom(...(WHOLE.match(/[\w./*:'{}[\],-]+|\s/g) as string[]))
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(word, { maxLength: 60 }).map(words => words.join('')),
      ),
      source => {
        try {
          expect(settingsIn(source, 'a.yaml').services.size).toBeGreaterThanOrEqual(0)
        } catch (error) {
          expect(error).toBeInstanceOf(CliError)
          expect((error as Error).message).toMatch(/a\.yaml:\d+:\d+: /)
        }
      },
    ),
    { numRuns: 1000 },
  )
})

test('aliases that multiply are rejected', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < 12; i++)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    )
  expect(() => settingsIn(lines.join('\n'), 'a.yaml')).toThrow('a.yaml:1:1')
})
