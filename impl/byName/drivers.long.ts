/** Drivers whose servers take long to install and to start. */
import amqp from 'amqplib'
import mysql from 'mysql2/promise'
import { expect, test } from 'vitest'
import { optionalProgram } from '../../checker/testing/programs.ts'
import { must } from '../../checker/text/at.ts'
import { freePort } from '../link/testing/freePort.ts'
import { Socket } from '../sockets/index.ts'
import { byName } from './testing/drivers.ts'
import { startMariadb, startRabbit } from './testing/servers.ts'

const mariadb = optionalProgram(['mariadbd'], '--version', 'mysql2 is not tried with its real server')
const rabbit = optionalProgram(['rabbitmqctl'], 'version', 'amqplib is not tried with its real server')

test.runIf(mariadb !== undefined)('mysql2', async () => {
  await using server = await startMariadb(must(mariadb), await freePort())
  await using here = await byName()
  here.offer('acme/db', server.port)
  const client = await mysql.createConnection('mysql://tester@db.acme.serval/')
  await client.query('set @kept = 6')
  await here.move()
  const [rows] = await client.query('select @kept * 7 as answer')
  expect(rows).toEqual([{ answer: 42 }])
  await client.end()
  const stream = () => new Socket({ stack: here.near }).connect('acme/db')
  const other = await mysql.createConnection({ user: 'tester', stream })
  expect(await other.query('select 1 as one')).toMatchObject([[{ one: 1 }], {}])
  await other.end()
})

test.runIf(rabbit !== undefined)('amqplib', async () => {
  await using server = await startRabbit(await freePort())
  await using here = await byName()
  here.offer('acme/queue', server.port)
  const connection = await amqp.connect('amqp://queue.acme.serval')
  const channel = await connection.createConfirmChannel()
  const { queue } = await channel.assertQueue('')
  channel.sendToQueue(queue, Buffer.from('kept'))
  await channel.waitForConfirms()
  await here.move()
  const message = await channel.get(queue, { noAck: true })
  expect(message && `${message.content}`).toBe('kept')
  await connection.close()
})
