/** Node's own HTTP client over active sockets, and its server, which listens to a service. docs/sockets.md explains it. */
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createHttpServer } from '../impl/http/index.ts'
import { connect } from '../impl/sockets/index.ts'

const web = createHttpServer((asked, answer) => answer.end(`you asked for ${asked.url}`))
web.listen('acme/web')
await once(web, 'listening')

const asking: ClientRequest = request({
  path: '/',
  createConnection: () => connect('acme/web') as Duplex,
})
asking.end()
const [answer] = (await once(asking, 'response')) as [IncomingMessage]
console.log(await text(answer))
web.close()
