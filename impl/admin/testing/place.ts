/** For tests: a stack of its own with a control socket in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Stack } from '../../sockets/stack.ts'
import type { StackOptions } from '../../sockets/stackOptions.ts'
import { ControlClient, openControl } from '../index.ts'

export interface Scratch extends Disposable {
  readonly path: string
}

export function scratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), 'serval-control-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

export interface Place extends AsyncDisposable {
  readonly stack: Stack
  readonly folder: string
  readonly path: string
  readonly client: ControlClient
}

export async function openPlace(options: StackOptions): Promise<Place> {
  const root = scratch()
  const folder = join(root.path, 'serval')
  const stack = await new Stack(options).opened()
  const { path } = await openControl(stack, folder)
  const client = await ControlClient.open(path)
  return {
    ...{ stack, folder, path, client },
    async [Symbol.asyncDispose]() {
      client.close()
      await stack.close({ limitMs: 0 })
      root[Symbol.dispose]()
    },
  }
}
