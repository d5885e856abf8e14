import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { at } from '../../../checker/text/at.ts'
import { Journal } from './journal.ts'
import { MemoryRegistry } from './memory.ts'
import { type RegistryStore, registryCompliance, Watched } from './testing/compliance.ts'

interface Folder extends RegistryStore {
  readonly file: string
}

async function inFolder(): Promise<Folder> {
  const folder = mkdtempSync(join(tmpdir(), 'serval-registry-'))
  const file = join(folder, 'registry.journal')
  return {
    file,
    registry: () => new MemoryRegistry({ file }),
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

registryCompliance('memory, with a file', inFolder)

const open = (store: Folder): Promise<Watched> => new Watched(store.registry()).open()

test('drops the unfinished line of a crash, and nothing else', async () => {
  await using store = await inFolder()
  const one = await open(store)
  for (let i = 0; i < 20; i++) await one.registry.put(`key${i}`, `value ${i}`, 0)
  await one.registry.close()
  const whole = readFileSync(store.file)
  const lastLine = whole.lastIndexOf(0x0a, whole.length - 2) + 1
  for (let size = lastLine; size < whole.length; size++) {
    writeFileSync(store.file, whole)
    truncateSync(store.file, size)
    const other = await open(store)
    expect(other.values.size).toBe(19)
    await other.registry.put('next', 'value', 0)
    await other.registry.close()
    const again = await open(store)
    expect(again.values.size).toBe(20)
    await again.registry.close()
  }
})

test('rejects damage in the middle, and leaves the file unchanged', async () => {
  await using store = await inFolder()
  const one = await open(store)
  for (let i = 0; i < 5; i++) await one.registry.put(`key${i}`, 'value', 0)
  await one.registry.close()
  const bytes = readFileSync(store.file)
  bytes[bytes.length >> 1] = at(bytes, bytes.length >> 1) ^ 1
  writeFileSync(store.file, bytes)
  await expect(open(store)).rejects.toMatchObject({
    code: 'REGISTRY_DAMAGED',
    message: expect.stringContaining('line 3'),
  })
  expect(readFileSync(store.file)).toEqual(bytes)
})

test('rewrites the journal when few of its lines still count', async () => {
  await using store = await inFolder()
  const one = await open(store)
  let revision = await one.registry.put('key', 'value', 0)
  for (let i = 0; i < 60; i++) {
    const writes = Array.from({ length: 100 }, () => {
      const written = one.registry.put('key', 'value', revision++)
      return written
    })
    await Promise.all(writes)
  }
  await one.registry.close()
  expect((one.registry as MemoryRegistry).journalLines).toBeLessThan(6001)
  const other = await open(store)
  expect([...other.values]).toEqual([['key', { value: 'value', revision }]])
  await other.registry.close()
})

test('a journal that cannot be rewritten still writes what waits', async () => {
  await using store = await inFolder()
  const { journal } = await Journal.open(store.file, () => true)
  mkdirSync(`${store.file}.new`)
  const compacted = expect(journal.compact()).rejects.toMatchObject({ code: 'REGISTRY_FILE' })
  await journal.add('line')
  await compacted
  await journal.close()
  expect((await Journal.open(store.file, () => true)).lines).toEqual(['line'])
})

test('what a full disk refuses stays refused, and waits nowhere', async () => {
  await using store = await inFolder()
  symlinkSync('/dev/full', store.file)
  const { registry } = await open(store)
  const refused = () =>
    expect(registry.put('key', 'refused', 0)).rejects.toMatchObject({ code: 'REGISTRY_FILE' })
  await refused()
  // Nor can the file be replaced.
  mkdirSync(`${store.file}.new`)
  for (let i = 0; i < 3; i++) await refused()
  rmdirSync(`${store.file}.new`)
  await registry.put('other', 'stored', 0)
  expect((registry as MemoryRegistry).journalLines).toBe(1)
  await registry.close()
  const again = await open(store)
  expect([...again.values.keys()]).toEqual(['other'])
  await again.registry.close()
})

test('a file belongs to one process, and only its owner may read it', async () => {
  await using store = await inFolder()
  const one = await open(store)
  expect(statSync(store.file).mode & 0o777).toBe(0o600)
  await expect(open(store)).rejects.toMatchObject({ code: 'REGISTRY_IN_USE' })
  await one.registry.put('key', 'value', 0)
  await one.registry.close()
})

/** Opens the registry in another process, which can be killed. */
async function elsewhere(file: string): Promise<{ kill(): Promise<unknown> }> {
  const { href } = new URL('./memory.ts', import.meta.url)
  const text = `import { MemoryRegistry } from '${href}'
    await new MemoryRegistry({ file: '${file}' }).open({ entry() {}, reachable() {} })
    console.log('open')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return {
    kill() {
      child.kill('SIGKILL')
      return once(child, 'exit')
    },
  }
}

test('a file locked by another process is in use until that is killed', async () => {
  await using store = await inFolder()
  const other = await elsewhere(store.file)
  await expect(open(store)).rejects.toMatchObject({
    code: 'REGISTRY_IN_USE',
    message: expect.stringMatching(/process \d+ /),
  })
  await other.kill()
  const one = await open(store)
  await one.registry.close()
  expect(readdirSync(dirname(store.file))).toEqual(['registry.journal'])
})

test.for([
  '999999999',
  '1',
  `${process.ppid}`,
  '',
])('a lock that contains %s and has no owner blocks nobody', async text => {
  await using store = await inFolder()
  writeFileSync(`${store.file}.lock`, text)
  const one = await open(store)
  await expect(open(store)).rejects.toMatchObject({ code: 'REGISTRY_IN_USE' })
  await one.registry.close()
})

test("a file's name may be longer than a socket's", async () => {
  await using store = await inFolder()
  const folder = join(dirname(store.file), 'long-'.repeat(40))
  mkdirSync(folder)
  const one = await new Watched(new MemoryRegistry({ file: join(folder, 'journal') })).open()
  expect(await one.registry.put('key', 'value', 0)).toBe(1)
  await one.registry.close()
})

test('rejects invalid entries and unusable files with a code', async () => {
  const nowhere = new Watched(new MemoryRegistry({ file: '/proc/nowhere/registry' }))
  await expect(nowhere.open()).rejects.toMatchObject({ code: 'REGISTRY_FILE' })
  const full = await new Watched(new MemoryRegistry({ entries: 1 })).open()
  const revision = await full.registry.put('one', 'value', 0)
  await expect(full.registry.put('two', 'value', 0)).rejects.toMatchObject({ code: 'REGISTRY_FULL' })
  await expect(full.registry.put('one', 'x'.repeat(5000), revision)).rejects.toMatchObject({
    code: 'REGISTRY_FULL',
  })
  expect(await full.registry.put('one', 'other', revision)).toBeGreaterThan(revision)
})

test('rejects a file of another kind', async () => {
  await using store = await inFolder()
  appendFileSync(store.file, 'hello\n')
  const one = await open(store)
  // A single line that nothing follows may be the remains of a crash.
  expect(one.values.size).toBe(0)
  await one.registry.close()
})
