/** A self-signed certificate for one name, made for each run by a minimal ASN.1 writer. */

import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { must } from '../../../checker/text/at.ts'

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}
const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const bytes = (...values: readonly number[]): Buffer => Buffer.from(values)
const time = (year: number): Buffer => der(0x17, Buffer.from(`${year % 100}0101000000Z`))
const bits = (value: Uint8Array): Buffer => der(0x03, bytes(0), value)

/** 1.2.840.10045.4.3.2: ECDSA with SHA-256. */
const ECDSA_SHA256 = sequence(der(0x06, bytes(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)))
/** 2.5.4.3, the common name. */
const commonName = (name: string): Buffer =>
  sequence(der(0x31, sequence(der(0x06, bytes(0x55, 0x04, 0x03)), der(0x0c, Buffer.from(name)))))
/** 2.5.29.17, the alternative names: one DNS name. */
const alternativeNames = (name: string): Buffer =>
  der(
    0xa3,
    sequence(sequence(der(0x06, bytes(0x55, 0x1d, 0x11)), der(0x04, sequence(der(0x82, Buffer.from(name)))))),
  )

export interface Certified {
  /** Both PEM. */
  readonly key: string
  readonly cert: string
}

/** Valid in this century, until 2049. */
export function selfSigned(name = 'localhost'): Certified {
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' })
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const version = der(0xa0, der(0x02, bytes(2)))
  const serial = der(0x02, bytes(1))
  const body = sequence(
    version,
    serial,
    ECDSA_SHA256,
    commonName(name),
    sequence(time(2010), time(2049)),
    commonName(name),
    spki,
    alternativeNames(name),
  )
  const signature = sign('sha256', body, createPrivateKey(key))
  const certificate = sequence(body, ECDSA_SHA256, bits(signature)).toString('base64')
  const lines = must(certificate.match(/.{1,64}/g)).join('\n')
  return { key, cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n` }
}
