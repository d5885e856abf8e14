import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { Stack } from '../sockets/stack.ts'
import { checkFolder, controlFolder, makeFolder, pidOf, uid } from './folder.ts'
import { openControl, openRunning } from './index.ts'
import { openPlace, scratch } from './testing/place.ts'

const refused = expect.objectContaining({ code: 'CONTROL_FOLDER' })
const thrownBy = (run: () => unknown): unknown => {
  try {
    run()
    return undefined
  } catch (error) {
    return error
  }
}

describe('the folder', () => {
  test('is below XDG_RUNTIME_DIR, or has the number of the user in its name', () => {
    expect(controlFolder({ XDG_RUNTIME_DIR: '/run/user/7' })).toBe('/run/user/7/serval')
    expect(controlFolder({})).toMatch(new RegExp(`/serval-${uid()}$`))
  })

  test('is made for this user alone, whatever the umask', () => {
    using place = scratch()
    const path = join(place.path, 'serval')
    const before = process.umask(0o777)
    try {
      makeFolder(path)
    } finally {
      process.umask(before)
    }
    expect(checkFolder(path)).toBe(true)
    expect(checkFolder(join(place.path, 'other'))).toBe(false)
  })

  test('is refused when others may enter it, when it is no folder, or leads elsewhere', () => {
    using place = scratch()
    const at = (name: string) => join(place.path, name)
    mkdirSync(at('open'))
    chmodSync(at('open'), 0o750)
    writeFileSync(at('file'), '')
    mkdirSync(at('own'), { mode: 0o700 })
    symlinkSync(at('own'), at('link'))
    for (const name of ['open', 'file', 'link'])
      for (const use of [makeFolder, checkFolder]) expect(thrownBy(() => use(at(name)))).toEqual(refused)
    expect(thrownBy(() => makeFolder(at('not/there')))).toEqual(refused)
  })

  test.runIf(uid() === 0)('is refused when it is another user’s', async () => {
    using place = scratch()
    const path = join(place.path, 'serval')
    mkdirSync(path, { mode: 0o700 })
    chownSync(path, 12_345, 12_345)
    await using stack = new Stack({ addresses: ['127.0.0.1:0'] })
    await expect(openControl(stack, path)).rejects.toEqual(refused)
    await expect(openRunning(path)).rejects.toEqual(refused)
  })

  test('a path that no socket may have is refused', async () => {
    using place = scratch()
    await using stack = new Stack({ addresses: ['127.0.0.1:0'] })
    const long = join(place.path, 'x'.repeat(100))
    await expect(openControl(stack, long)).rejects.toMatchObject({ code: 'CONTROL_SOCKET' })
    expect(existsSync(long)).toBe(false)
  })
})

describe('who runs', () => {
  test('is found by asking; sockets of dead processes are removed, other files are left', async () => {
    await using place = await openPlace({ addresses: ['127.0.0.1:0'] })
    const dead = spawnSync(process.execPath, ['-e', 'console.log(process.pid)']).stdout.toString().trim()
    const gone = join(place.folder, `${dead}.sock`)
    writeFileSync(gone, '')
    writeFileSync(join(place.folder, 'notes.txt'), '')
    writeFileSync(join(place.folder, '1.sock'), '')
    const running = await openRunning(place.folder)
    expect(running.map(({ pid }) => pid)).toEqual([process.pid])
    for (const { client } of running) client.close()
    expect(readdirSync(place.folder).sort()).toEqual(['1.sock', `${process.pid}.sock`, 'notes.txt'].sort())
  })

  test('nobody, where there is no folder', async () => {
    using place = scratch()
    expect(await openRunning(join(place.path, 'serval'))).toEqual([])
  })

  test('a socket that answers is kept, even of a process that is not seen', async () => {
    using place = scratch()
    const path = join(place.path, '4194303.sock')
    const server = createServer().listen(path)
    const [one] = await openRunning(place.path)
    expect(must(one).pid).toBe(4_194_303)
    must(one).client.close()
    expect(existsSync(path)).toBe(true)
    server.close()
  })

  test('names that are no processes are none', () => {
    expect(['7.sock', '07.sock', '-1.sock', '7', 'x.sock', '7.sock.old'].map(pidOf)).toEqual([
      7,
      ...Array(5).fill(undefined),
    ])
  })
})
