import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { scratchFolder } from '../../checker/testing/scratchFolder.ts'
import { must } from '../../checker/text/at.ts'
import { stateFolder, userSecret } from './userSecret.ts'

test('is made once, for its owner alone, and the same from then on', () => {
  using folder = scratchFolder()
  const file = join(folder.path, 'state', 'serval', 'secret')
  const secret = userSecret(file)
  expect(secret).toHaveLength(32)
  expect(userSecret(file)).toEqual(secret)
  expect([statSync(file).mode & 0o777, statSync(join(folder.path, 'state', 'serval')).mode & 0o777]).toEqual([
    0o600, 0o700,
  ])
  // No draft is left.
  expect(readdirSync(join(folder.path, 'state', 'serval'))).toEqual(['secret'])
})

test('two users have different ones', () => {
  using one = scratchFolder()
  using other = scratchFolder()
  expect(userSecret(join(one.path, 'secret'))).not.toEqual(userSecret(join(other.path, 'secret')))
})

test('is rejected if others may read it, or if it is none', () => {
  using folder = scratchFolder()
  const file = join(folder.path, 'secret')
  userSecret(file)
  chmodSync(file, 0o640)
  expect(() => userSecret(file)).toThrow(/^open ESECRET.*chmod it to 600/)
  chmodSync(file, 0o600)
  writeFileSync(file, 'short')
  expect(() => userSecret(file)).toThrow(/^open ESECRET.*5 bytes/)
})

test('is rejected if it is no file', () => {
  using folder = scratchFolder()
  const [file, link, pipe] = ['file', 'link', 'pipe'].map(name => join(folder.path, name))
  userSecret(file)
  symlinkSync(must(file), must(link))
  execFileSync('mkfifo', ['-m', '600', must(pipe)])
  for (const other of [link, pipe]) expect(() => userSecret(other)).toThrow(/^open ESECRET.*is no file/)
  mkdirSync(join(folder.path, 'folder'), { mode: 0o700 })
  expect(() => userSecret(join(folder.path, 'folder'))).toThrow(/^open ESECRET.*is no file/)
})

test('is made although a process with the same number was killed while it made one', () => {
  using folder = scratchFolder()
  const file = join(folder.path, 'secret')
  writeFileSync(`${file}.${process.pid}`, '')
  expect(userSecret(file)).toHaveLength(32)
})

test.each([
  ['/state', '/state/serval'],
  ['state', '/home/ann/.local/state/serval'],
  ['', '/home/ann/.local/state/serval'],
])('with XDG_STATE_HOME=%j is in %s', (given, folder) => {
  vi.stubEnv('HOME', '/home/ann')
  expect(stateFolder({ XDG_STATE_HOME: given })).toBe(folder)
  vi.stubEnv('HOME', '')
  expect(stateFolder({ XDG_STATE_HOME: given })).toBe(given === '/state' ? folder : undefined)
  vi.unstubAllEnvs()
})

test('is none for a user without a home', () => {
  vi.stubEnv('HOME', '').stubEnv('XDG_STATE_HOME', '')
  expect(userSecret()).toBeUndefined()
  vi.unstubAllEnvs()
})

test('is none where it cannot be made', () => {
  using folder = scratchFolder()
  const file = join(folder.path, 'file')
  writeFileSync(file, '')
  expect(userSecret(join(file, 'secret'))).toBeUndefined()
})
