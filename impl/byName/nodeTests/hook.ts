/** Loaded before one of Node's tests: its `require('net')` gets the sockets of Serval. */
import Module from 'node:module'
import { netByPort } from './netByPort.ts'

type Load = (request: string, parent: unknown, isMain: boolean) => unknown

const load = Reflect.get(Module, '_load') as Load
Reflect.set(Module, '_load', (request: string, parent: unknown, isMain: boolean) =>
  request === 'net' || request === 'node:net' ? netByPort : load(request, parent, isMain),
)
