/** Servers of Node's `http`, `https`, `http2` and `tls` over services. The package exports it as `serval/http`. */
import http from 'node:http'
import type { ServerOptions } from '../sockets/index.ts'
import { type Offered, offered } from './offered.ts'

export { type Offered, offered }

/** Options of `http.createServer`, and of the sockets below. */
export type HttpServerOptions = http.ServerOptions & Pick<ServerOptions, 'stack' | 'deadAfterMs'>

/**
 * Returns an HTTP server that listens to services, with all that `http.Server` has.
 * ```ts
 * createHttpServer((request, response) => response.end('hello')).listen('acme/web')
 * ```
 */
export function createHttpServer(
  options: HttpServerOptions | http.RequestListener = {},
  onRequest?: http.RequestListener,
): Offered<http.Server> {
  if (typeof options === 'function') return createHttpServer({}, options)
  const { stack, deadAfterMs, ...own } = options
  return offered(http.createServer(own, onRequest), { stack, deadAfterMs })
}
