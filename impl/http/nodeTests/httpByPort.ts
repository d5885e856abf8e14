/** The module `http` over Serval's sockets, for programs that know only ports. */
import http from 'node:http'
import { offered } from '../index.ts'
import { listensByPort } from './netByPort.ts'

const createServer = (...args: never[]): object => {
  const server = Reflect.apply(http.createServer, http, args) as http.Server
  return listensByPort(offered(server, (typeof args[0] === 'object' ? args[0] : {}) ?? {}))
}

export const httpByPort = {
  ...http,
  createServer,
  /** Made with and without `new`. */
  Server: new Proxy(http.Server, {
    apply: (_, __, args) => createServer(...(args as never[])),
    construct: (_, args) => createServer(...(args as never[])),
  }),
}
