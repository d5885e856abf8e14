import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { Stack } from '../sockets/stack.ts'
import { adminFolder, checkFolder, makeFolder, pidOf, uid } from './folder.ts'
import { openAdminSocket, openRunning } from './index.ts'
import { openTestStack, scratch } from './testing/testStack.ts'

const rejected = expect.objectContaining({ code: 'ADMIN_FOLDER' })
const thrownBy = (run: () => unknown): unknown => {
  try {
    run()
    return undefined
  } catch (error) {
    return error
  }
}

describe('the folder', () => {
  test("is below XDG_RUNTIME_DIR, or has the user's number in its name", () => {
    expect(adminFolder({ XDG_RUNTIME_DIR: '/run/user/7' })).toBe('/run/user/7/serval')
    expect(adminFolder({})).toMatch(new RegExp(`/serval-${uid()}$`))
  })

  test('is created for this user alone, whatever the umask', () => {
    using own = scratch()
    const path = join(own.path, 'serval')
    const before = process.umask(0o777)
    try {
      makeFolder(path)
    } finally {
      process.umask(before)
    }
    expect(checkFolder(path)).toBe(true)
    expect(checkFolder(join(own.path, 'other'))).toBe(false)
  })

  test('is rejected if others may enter it, if it is not a folder, or if it is a link', () => {
    using own = scratch()
    const at = (name: string) => join(own.path, name)
    mkdirSync(at('open'))
    chmodSync(at('open'), 0o750)
    writeFileSync(at('file'), '')
    mkdirSync(at('own'), { mode: 0o700 })
    symlinkSync(at('own'), at('link'))
    for (const name of ['open', 'file', 'link'])
      for (const use of [makeFolder, checkFolder]) expect(thrownBy(() => use(at(name)))).toEqual(rejected)
    expect(thrownBy(() => makeFolder(at('not/there')))).toEqual(rejected)
  })

  test.runIf(uid() === 0)('is rejected if it belongs to another user', async () => {
    using own = scratch()
    const path = join(own.path, 'serval')
    mkdirSync(path, { mode: 0o700 })
    chownSync(path, 12_345, 12_345)
    await using stack = new Stack({ addresses: ['127.0.0.1:0'] })
    await expect(openAdminSocket(stack, path)).rejects.toEqual(rejected)
    await expect(openRunning(path)).rejects.toEqual(rejected)
  })

  test('a path too long for a socket is rejected', async () => {
    using own = scratch()
    await using stack = new Stack({ addresses: ['127.0.0.1:0'] })
    const long = join(own.path, 'x'.repeat(100))
    await expect(openAdminSocket(stack, long)).rejects.toMatchObject({ code: 'ADMIN_SOCKET' })
    expect(existsSync(long)).toBe(false)
  })
})

describe('running processes', () => {
  test('are found by asking them; sockets of dead processes are removed, and other files stay', async () => {
    await using own = await openTestStack({ addresses: ['127.0.0.1:0'] })
    const dead = spawnSync(process.execPath, ['-e', 'console.log(process.pid)']).stdout.toString().trim()
    const gone = join(own.folder, `${dead}.sock`)
    writeFileSync(gone, '')
    writeFileSync(join(own.folder, 'notes.txt'), '')
    writeFileSync(join(own.folder, '1.sock'), '')
    const running = await openRunning(own.folder)
    expect(running.map(({ pid }) => pid)).toEqual([process.pid])
    for (const { client } of running) client.close()
    expect(readdirSync(own.folder).sort()).toEqual(['1.sock', `${process.pid}.sock`, 'notes.txt'].sort())
  })

  test('are none if there is no folder', async () => {
    using own = scratch()
    expect(await openRunning(join(own.path, 'serval'))).toEqual([])
  })

  test('include a socket that answers although its process is invisible', async () => {
    using own = scratch()
    const path = join(own.path, '4194303.sock')
    const server = createServer().listen(path)
    const [one] = await openRunning(own.path)
    expect(must(one).pid).toBe(4_194_303)
    must(one).client.close()
    expect(existsSync(path)).toBe(true)
    server.close()
  })

  test('a name that is no process number is ignored', () => {
    expect(['7.sock', '07.sock', '-1.sock', '7', 'x.sock', '7.sock.old'].map(pidOf)).toEqual([
      7,
      ...Array(5).fill(undefined),
    ])
  })
})
