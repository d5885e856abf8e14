/** Drivers of databases and of RPC with their real servers: a URL names the service, and nothing else changes. */
import * as grpc from '@grpc/grpc-js'
import pg from 'pg'
import { createClient } from 'redis'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { optionalProgram } from '../../checker/testing/programs.ts'
import { must } from '../../checker/text/at.ts'
import { freePort } from '../link/testing/freePort.ts'
import { Socket } from '../sockets/index.ts'
import { byName } from './testing/drivers.ts'
import { postgresForTests, startPostgres, startRedis } from './testing/servers.ts'

const redis = optionalProgram(['redis-server'], '--version', 'node-redis is not tried with its real server')
const postgres = postgresForTests('pg is not tried with its real server')

describe('by a URL, across a move', SLOW, () => {
  test.runIf(redis !== undefined)('node-redis', async () => {
    await using server = await startRedis(must(redis), await freePort())
    await using here = await byName()
    here.offer('acme/cache', server.port)
    const client = createClient({ url: 'redis://cache.acme.serval:6379' })
    await client.connect()
    await client.set('name', 'serval')
    await here.move()
    expect(await client.get('name')).toBe('serval')
    await client.close()
  })

  test.runIf(postgres !== undefined)('pg', async () => {
    await using server = await startPostgres(must(postgres), await freePort())
    await using here = await byName()
    here.offer('acme/db', server.port)
    const client = new pg.Client('postgres://postgres@db.acme.serval/postgres')
    await client.connect()
    await client.query('create temp table pairs as select n, n * n as square from generate_series(1, 1000) n')
    await here.move()
    const { rows } = await client.query('select sum(square)::int as sum from pairs where n <= $1', [1000])
    expect(rows).toEqual([{ sum: 333_833_500 }])
    await client.end()
  })

  test.runIf(postgres !== undefined)('pg without a hook, over a stream of Serval', async () => {
    await using server = await startPostgres(must(postgres), await freePort())
    await using here = await byName()
    here.offer('acme/db', server.port)
    const stream = (): Socket => new Socket({ stack: here.near })
    const client = new pg.Client({ host: 'db.acme.serval', user: 'postgres', database: 'postgres', stream })
    await client.connect()
    expect((await client.query('select 6 * 7 as answer')).rows).toEqual([{ answer: 42 }])
    await client.end()
  })

  test('grpc-js', async () => {
    const identity = (bytes: Buffer): Buffer => bytes
    const method = {
      ...{ path: '/acme.Echo/Shout', requestStream: false, responseStream: false },
      ...{ requestSerialize: identity, requestDeserialize: identity },
      ...{ responseSerialize: identity, responseDeserialize: identity },
    }
    const server = new grpc.Server()
    server.addService(
      { shout: method },
      {
        shout: (call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) =>
          done(null, Buffer.from(`${call.request}`.toUpperCase())),
      },
    )
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    )
    await using here = await byName()
    here.offer('acme/rpc', port)
    const client = new grpc.Client('rpc.acme.serval:80', grpc.credentials.createInsecure())
    const shout = (text: string) =>
      new Promise<string>((resolve, reject) =>
        client.makeUnaryRequest(method.path, identity, identity, Buffer.from(text), (error, answer) =>
          error ? reject(error) : resolve(`${answer}`),
        ),
      )
    expect(await shout('before')).toBe('BEFORE')
    await here.move()
    expect(await shout('after')).toBe('AFTER')
    client.close()
    server.forceShutdown()
  })
})
