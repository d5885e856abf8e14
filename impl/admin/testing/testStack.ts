/** A stack for tests, with an admin socket in a temporary folder. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Stack } from '../../sockets/stack.ts'
import type { StackOptions } from '../../sockets/stackOptions.ts'
import { AdminClient, openAdminSocket } from '../index.ts'

export interface Scratch extends Disposable {
  readonly path: string
}

export function scratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), 'serval-admin-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

export interface TestStack extends AsyncDisposable {
  readonly stack: Stack
  readonly folder: string
  readonly path: string
  readonly client: AdminClient
}

export async function openTestStack(options: StackOptions): Promise<TestStack> {
  const root = scratch()
  const folder = join(root.path, 'serval')
  const stack = await new Stack(options).opened()
  const { path } = await openAdminSocket(stack, folder)
  const client = await AdminClient.open(path)
  return {
    ...{ stack, folder, path, client },
    async [Symbol.asyncDispose]() {
      client.close()
      await stack.close({ limitMs: 0 })
      root[Symbol.dispose]()
    },
  }
}
