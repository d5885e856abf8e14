import { complies } from './testing/compliance.ts'
import { udpFixture } from './testing/fixtures.ts'

complies('the UDP link on 127.0.0.1', () => udpFixture('127.0.0.1'))
complies('the UDP link on ::1', () => udpFixture('::1'))
