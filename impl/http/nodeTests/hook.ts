/** Loaded before one of Node's tests: what it requires as `net`, `http`, `https` and `tls` runs over Serval's sockets. */
import http from 'node:http'
import Module from 'node:module'
import { httpByPort } from './httpByPort.ts'
import { netByPort } from './netByPort.ts'
import { httpsByPort, tlsByPort } from './tlsByPort.ts'

type Load = (request: string, parent: unknown, isMain: boolean) => unknown

const OURS: Readonly<Record<string, unknown>> = {
  net: netByPort,
  http: httpByPort,
  https: httpsByPort,
  tls: tlsByPort,
}

const load = Reflect.get(Module, '_load') as Load
Reflect.set(Module, '_load', (request: string, parent: unknown, isMain: boolean) => {
  const name = request.replace(/^node:/, '')
  return OURS[name] ?? load(request, parent, isMain)
})
Reflect.set(http.Agent.prototype, 'createConnection', netByPort.createConnection)
